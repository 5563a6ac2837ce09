/*
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */
package io.fluss.published.flink;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/**
 * A program that runs this project's tiering job ({@code --once}) for each line of its input, all
 * in one Spark session, and answers with the exit code. Argument: bootstrap servers. The job and
 * Spark are on the class path of its process only, so they are called by name.
 */
final class ProjectTierer {
    private ProjectTierer() {}

    public static void main(String[] args) throws Exception {
        System.setProperty("spark.master", "local[1]");
        System.setProperty("spark.driver.bindAddress", "127.0.0.1");
        System.setProperty("spark.driver.host", "127.0.0.1");
        System.setProperty("spark.ui.enabled", "false");
        Object builder =
                Class.forName("org.apache.spark.sql.SparkSession")
                        .getMethod("builder")
                        .invoke(null);
        // The job leaves a session that was there before it as it is.
        Object session = builder.getClass().getMethod("getOrCreate").invoke(builder);
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            Object code =
                    Class.forName("io.fluss.tiering.TieringJob")
                            .getMethod("run", String[].class)
                            .invoke(null, (Object) new String[] {"--bootstrap", args[0], "--once"});
            System.out.println("exit " + code);
        }
        session.getClass().getMethod("stop").invoke(session);
    }
}

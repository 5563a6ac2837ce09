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
package io.fluss.quickstart;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.launcher.JavaModuleOptions;

/** Command lines of the processes beside the quick start. */
final class Launch {
    /** Set by {@code bin/fluss}: class path of the server. */
    static final String SERVER_CLASS_PATH_PROPERTY = "fluss.server.class.path";

    private Launch() {}

    static List<String> cluster(Path base, int port) {
        List<String> command = java("512m");
        command.add("--add-opens=java.base/java.nio=ALL-UNNAMED");
        command.add("-Dfluss.log.file=" + base.resolve("cluster.log"));
        command.addAll(
                List.of(
                        "-cp",
                        System.getProperty(
                                SERVER_CLASS_PATH_PROPERTY, System.getProperty("java.class.path")),
                        "io.fluss.server.FlussLocal",
                        "local",
                        "--dir",
                        base.resolve("cluster").toString(),
                        "--port",
                        Integer.toString(port)));
        return command;
    }

    static List<String> tiering(Path base, String bootstrap) {
        List<String> command = java("1g");
        command.addAll(Arrays.asList(JavaModuleOptions.defaultModuleOptionArray()));
        command.add("-Dspark.local.dir=" + base.resolve("spark"));
        command.addAll(
                List.of(
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.fluss.tiering.TieringJob",
                        "--bootstrap",
                        bootstrap,
                        "--poll-interval",
                        "1s"));
        return command;
    }

    private static List<String> java(String heap) {
        List<String> command = new ArrayList<>();
        command.add(
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
        command.add("-Xmx" + heap);
        return command;
    }
}

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
package io.fluss.lake.iceberg;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/**
 * Hadoop's configuration for a catalog: the files of HADOOP_CONF_DIR or HADOOP_HOME, overridden by
 * the catalog properties that start with {@code iceberg.hadoop.}.
 */
final class HadoopConf {
    static final String PREFIX = "iceberg.hadoop.";

    private HadoopConf() {}

    static Configuration of(
            Map<String, String> catalogProperties, Map<String, String> environment) {
        Configuration conf = new Configuration();
        directory(environment)
                .ifPresent(
                        dir -> {
                            for (String name : new String[] {"core-site.xml", "hdfs-site.xml"}) {
                                Path file = dir.resolve(name);
                                if (Files.isReadable(file)) {
                                    conf.addResource(new org.apache.hadoop.fs.Path(file.toUri()));
                                }
                            }
                        });
        catalogProperties.forEach(
                (k, v) -> {
                    if (k.startsWith(PREFIX)) {
                        conf.set(k.substring(PREFIX.length()), v);
                    }
                });
        String local = LocalFiles.class.getName();
        // Where this thread sees other classes than ours, Hadoop's own will do.
        if (conf.getClassByNameOrNull(local) == LocalFiles.class) {
            conf.setIfUnset("fs.file.impl", local);
        }
        return conf;
    }

    private static Optional<Path> directory(Map<String, String> environment) {
        String dir = environment.get("HADOOP_CONF_DIR");
        if (dir != null && !dir.isBlank()) {
            return Optional.of(Path.of(dir));
        }
        String home = environment.get("HADOOP_HOME");
        return home == null || home.isBlank()
                ? Optional.empty()
                : Optional.of(Path.of(home, "etc", "hadoop"));
    }
}

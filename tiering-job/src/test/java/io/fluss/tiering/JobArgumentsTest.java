package io.fluss.tiering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class JobArgumentsTest {
    @Test
    void takesDottedSettingsInAllForms() {
        JobArguments a =
                JobArguments.of(
                        "--once",
                        "--fluss.bootstrap.servers",
                        "h:1",
                        "--datalake.iceberg.type=hadoop",
                        "-Ddatalake.iceberg.uri=jdbc:x?a=b",
                        "--table",
                        "t",
                        "--lake.tiering.auto-expire-snapshot",
                        "false");
        assertThat(a.options()).containsExactly("--once", "--table", "t");
        assertThat(a.settings())
                .containsEntry("fluss.bootstrap.servers", "h:1")
                .containsEntry("datalake.iceberg.type", "hadoop")
                .containsEntry("datalake.iceberg.uri", "jdbc:x?a=b")
                .containsEntry("lake.tiering.auto-expire-snapshot", "false")
                .hasSize(4);
    }

    @Test
    void namesASettingWithoutValue() {
        assertThatThrownBy(() -> JobArguments.of("--datalake.format", "--once"))
                .hasMessage("--datalake.format needs a value");
    }
}

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

import io.fluss.errors.ErrorReason;
import io.fluss.lake.parquet.ParquetLayout;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import org.apache.iceberg.TableProperties;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/** Reads the {@code write.parquet.*} properties of a table. */
final class ParquetSettings {
    private ParquetSettings() {}

    static ParquetLayout layout(String table, Map<String, String> properties) {
        String codec =
                properties.getOrDefault(
                        TableProperties.PARQUET_COMPRESSION,
                        TableProperties.PARQUET_COMPRESSION_DEFAULT_SINCE_1_4_0);
        String level = properties.get(TableProperties.PARQUET_COMPRESSION_LEVEL);
        try {
            return new ParquetLayout(
                    codec(table, codec),
                    level == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(level)),
                    number(
                            properties,
                            TableProperties.PARQUET_ROW_GROUP_SIZE_BYTES,
                            TableProperties.PARQUET_ROW_GROUP_SIZE_BYTES_DEFAULT),
                    number(
                            properties,
                            TableProperties.PARQUET_PAGE_SIZE_BYTES,
                            TableProperties.PARQUET_PAGE_SIZE_BYTES_DEFAULT),
                    number(
                            properties,
                            TableProperties.PARQUET_PAGE_ROW_LIMIT,
                            TableProperties.PARQUET_PAGE_ROW_LIMIT_DEFAULT),
                    number(
                            properties,
                            TableProperties.PARQUET_DICT_SIZE_BYTES,
                            TableProperties.PARQUET_DICT_SIZE_BYTES_DEFAULT));
        } catch (IllegalArgumentException e) {
            throw ErrorReason.INVALID_TABLE.exception(
                    table
                            + ": a write.parquet.* property of the lake table is not valid: "
                            + e.getMessage(),
                    e);
        }
    }

    private static int number(Map<String, String> properties, String key, int otherwise) {
        String value = properties.get(key);
        return value == null ? otherwise : Integer.parseInt(value);
    }

    private static CompressionCodecName codec(String table, String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "zstd" -> CompressionCodecName.ZSTD;
            case "snappy" -> CompressionCodecName.SNAPPY;
            case "gzip" -> CompressionCodecName.GZIP;
            // The frame of plain LZ4 in Parquet is deprecated and not read by all.
            case "lz4", "lz4_raw" -> CompressionCodecName.LZ4_RAW;
            case "none", "uncompressed" -> CompressionCodecName.UNCOMPRESSED;
            default ->
                    throw ErrorReason.INVALID_TABLE.exception(
                            table
                                    + ": "
                                    + TableProperties.PARQUET_COMPRESSION
                                    + " is '"
                                    + name
                                    + "'; use zstd, snappy, gzip, lz4 or uncompressed");
        };
    }
}

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
package io.fluss.formats.keys;

import com.fasterxml.jackson.databind.JsonNode;
import io.fluss.formats.GoldenVectors;
import io.fluss.types.DataType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A row in the notation of the golden vectors. */
record GoldenKeyRow(JsonNode values, List<DataType> types) implements KeyRow {
    @Override
    public boolean isNull(int column) {
        return values.get(column).isNull();
    }

    @Override
    public boolean bool(int column) {
        return values.get(column).booleanValue();
    }

    @Override
    public long integer(int column) {
        return values.get(column).asLong();
    }

    @Override
    public float floating(int column) {
        return Float.intBitsToFloat(
                Integer.parseUnsignedInt(values.get(column).get("bits").asText(), 16));
    }

    @Override
    public double doubling(int column) {
        return Double.longBitsToDouble(
                Long.parseUnsignedLong(values.get(column).get("bits").asText(), 16));
    }

    @Override
    public byte[] bytes(int column) {
        JsonNode v = values.get(column);
        return v.isTextual()
                ? v.textValue().getBytes(StandardCharsets.UTF_8)
                : GoldenVectors.hex(v.get("hex"));
    }

    @Override
    public BigInteger unscaled(int column) {
        return new BigDecimal(values.get(column).asText())
                .setScale(((DataType.DecimalType) types.get(column)).scale(), RoundingMode.HALF_UP)
                .unscaledValue();
    }

    @Override
    public long timestampMs(int column) {
        JsonNode v = values.get(column);
        return (v.has("millis") ? v.get("millis") : v.get("epochMillis")).asLong();
    }

    @Override
    public int nanoOfMs(int column) {
        return values.get(column).get("nanoOfMillis").asInt();
    }
}

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
package io.fluss.log;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * JSON documents with a last field {@code crc32c} over the document without it. Readers that do not
 * know the field skip it.
 */
final class ChecksummedJson {
    private static final String FIELD = "crc32c";
    private static final ObjectMapper JSON = new ObjectMapper();

    private ChecksummedJson() {}

    /** The document with its checksum; puts the field into the document. */
    static byte[] bytes(ObjectNode document) throws IOException {
        document.put(FIELD, crc(document));
        return JSON.writeValueAsBytes(document);
    }

    /**
     * @param isRequired refuses a document without a checksum
     * @throws IOException if the content is no JSON object or its checksum does not fit
     */
    static JsonNode parse(Path file, byte[] content, boolean isRequired) throws IOException {
        JsonNode root = JSON.readTree(content);
        if (!(root instanceof ObjectNode document)) {
            throw new IOException(file + " is not a JSON object");
        }
        JsonNode stated = document.remove(FIELD);
        if (stated == null) {
            if (isRequired) {
                throw new IOException(file + " has no checksum");
            }
        } else if (!stated.isIntegralNumber() || stated.asLong() != crc(document)) {
            throw new IOException(file + " is damaged: its checksum does not fit");
        }
        return document;
    }

    private static long crc(ObjectNode document) throws IOException {
        CRC32C crc = new CRC32C();
        crc.update(JSON.writeValueAsBytes(document));
        return crc.getValue();
    }
}

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
package io.fluss.lake;

import io.fluss.errors.ErrorReason;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeSet;

/** A lake table format, found by {@link ServiceLoader}. Stateless. */
public interface LakeFormat {
    /** Name as used in {@code datalake.format}, lower case. */
    String identifier();

    /**
     * Opens the catalog.
     *
     * @param catalogProperties the {@code datalake.<format>.*} settings without that prefix, handed
     *     to the lake library as they are
     */
    LakeCatalog open(Map<String, String> catalogProperties);

    /**
     * The format of that name.
     *
     * @throws io.fluss.errors.FlussException with LAKE_STORAGE_NOT_CONFIGURED naming what is on the
     *     class path
     */
    static LakeFormat load(String identifier) {
        TreeSet<String> found = new TreeSet<>();
        for (LakeFormat f :
                ServiceLoader.load(LakeFormat.class, LakeFormat.class.getClassLoader())) {
            if (f.identifier().equals(identifier)) {
                return f;
            }
            found.add(f.identifier());
        }
        throw ErrorReason.LAKE_STORAGE_NOT_CONFIGURED.exception(
                "lake format '" + identifier + "' is not on the class path; found " + found);
    }
}

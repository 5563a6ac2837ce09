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
package io.fluss.coordinator;

import io.fluss.coordinator.image.ClusterImage;
import io.fluss.loop.Loop;
import java.util.function.UnaryOperator;

/** The published image: changed by the coordinator's loop, read by any thread. */
final class ImageHolder {
    private final Loop owner;
    private volatile ClusterImage image = ClusterImage.EMPTY;

    ImageHolder(Loop owner) {
        this.owner = owner;
    }

    ClusterImage image() {
        return image;
    }

    void change(UnaryOperator<ClusterImage> change) {
        owner.assertOwner();
        image = change.apply(image);
    }
}

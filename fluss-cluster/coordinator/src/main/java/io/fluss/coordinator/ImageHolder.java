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

package io.fluss.lake.iceberg;

import io.fluss.lake.LakeCatalog;
import io.fluss.lake.LakeFormat;
import java.util.Map;

/** The lake format {@code iceberg}. */
public final class IcebergLakeFormat implements LakeFormat {
    /** For {@link java.util.ServiceLoader}. */
    public IcebergLakeFormat() {}

    @Override
    public String identifier() {
        return "iceberg";
    }

    @Override
    public LakeCatalog open(Map<String, String> catalogProperties) {
        return IcebergLakeCatalog.open(catalogProperties);
    }
}

package io.fluss.tablet;

import io.fluss.errors.ErrorReason;
import io.fluss.formats.log.BatchProjection;
import io.fluss.table.TableInfo;
import io.fluss.table.TableOptions.LogFormat;
import io.fluss.types.DataType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A table as the data path sees it: its latest info, the row types of the schemas that this server
 * has met, and the projections that were asked for. Immutable but for the bounded cache of
 * projections.
 */
final class HostedTable {
    private static final int PROJECTIONS_MAX = 256;

    private final TableInfo info;
    private final Map<Integer, DataType.RowType> schemas;
    private final boolean arrow;
    private final Map<ProjectionKey, BatchProjection> projections = new ConcurrentHashMap<>();

    private record ProjectionKey(int schemaId, List<Integer> fields) {}

    private HostedTable(TableInfo info, Map<Integer, DataType.RowType> schemas) {
        this.info = info;
        this.schemas = Map.copyOf(schemas);
        this.arrow = info.options().logFormat() == LogFormat.ARROW;
    }

    static HostedTable of(TableInfo info) {
        return new HostedTable(info, Map.of(info.schemaId(), info.schema().rowType()));
    }

    /** This table with newer info; the schemas known so far stay known. */
    HostedTable with(TableInfo newer) {
        if (newer.equals(info) || newer.schemaId() < info.schemaId()) {
            return this;
        }
        Map<Integer, DataType.RowType> all = new HashMap<>(schemas);
        all.put(newer.schemaId(), newer.schema().rowType());
        return new HostedTable(newer, all);
    }

    TableInfo info() {
        return info;
    }

    boolean isArrow() {
        return arrow;
    }

    /**
     * Checks that a projection can be served at all.
     *
     * @throws io.fluss.errors.FlussException with INVALID_COLUMN_PROJECTION
     */
    void checkProjection(List<Integer> fields) {
        if (!arrow) {
            throw ErrorReason.INVALID_COLUMN_PROJECTION.exception(
                    info.path()
                            + ": only logs in ARROW format are projected, its format is "
                            + info.options().logFormat());
        }
        int columns = info.schema().columns().size();
        int before = -1;
        for (int f : fields) {
            if (f <= before || f >= columns) {
                throw invalid(fields, columns);
            }
            before = f;
        }
        if (fields.isEmpty()) {
            throw invalid(fields, columns);
        }
    }

    private RuntimeException invalid(List<Integer> fields, int columns) {
        return ErrorReason.INVALID_COLUMN_PROJECTION.exception(
                info.path()
                        + ": projected fields "
                        + fields
                        + " must be ascending and distinct positions below "
                        + columns);
    }

    /** The projection for batches of a schema. */
    BatchProjection projection(int schemaId, List<Integer> fields) {
        ProjectionKey key = new ProjectionKey(schemaId, fields);
        BatchProjection known = projections.get(key);
        if (known != null) {
            return known;
        }
        DataType.RowType type = schemas.getOrDefault(schemaId, info.schema().rowType());
        BatchProjection made = BatchProjection.of(type, fields);
        if (projections.size() < PROJECTIONS_MAX) {
            projections.put(key, made);
        }
        return made;
    }
}

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
package io.fluss.conformance;

import java.util.List;
import java.util.StringJoiner;
import java.util.TreeSet;
import org.apache.fluss.row.DataGetters;
import org.apache.fluss.row.InternalArray;
import org.apache.fluss.row.InternalMap;
import org.apache.fluss.row.InternalRow;
import org.apache.fluss.row.TimestampLtz;
import org.apache.fluss.row.TimestampNtz;
import org.apache.fluss.types.ArrayType;
import org.apache.fluss.types.BinaryType;
import org.apache.fluss.types.CharType;
import org.apache.fluss.types.DataField;
import org.apache.fluss.types.DataType;
import org.apache.fluss.types.DecimalType;
import org.apache.fluss.types.LocalZonedTimestampType;
import org.apache.fluss.types.MapType;
import org.apache.fluss.types.RowType;
import org.apache.fluss.types.TimestampType;

/**
 * Rows as text, exact: bytes in hex, floats by their shortest decimal, timestamps as millis.nanos,
 * maps sorted.
 */
final class Show {
    private Show() {}

    static String row(InternalRow r, RowType type) {
        StringJoiner j = new StringJoiner(", ", "[", "]");
        List<DataField> fs = type.getFields();
        for (int i = 0; i < fs.size(); i++) {
            j.add(at(r, i, fs.get(i).getType()));
        }
        return j.toString();
    }

    static String at(DataGetters r, int i, DataType t) {
        if (r.isNullAt(i)) {
            return "null";
        }
        switch (t.getTypeRoot()) {
            case BOOLEAN:
                return "" + r.getBoolean(i);
            case TINYINT:
                return "" + r.getByte(i);
            case SMALLINT:
                return "" + r.getShort(i);
            case INTEGER:
            case DATE:
            case TIME_WITHOUT_TIME_ZONE:
                return "" + r.getInt(i);
            case BIGINT:
                return "" + r.getLong(i);
            case FLOAT:
                return "" + r.getFloat(i);
            case DOUBLE:
                return "" + r.getDouble(i);
            case CHAR:
                return r.getChar(i, ((CharType) t).getLength()).toString();
            case STRING:
                return r.getString(i).toString();
            case BINARY:
                return hex(r.getBinary(i, ((BinaryType) t).getLength()));
            case BYTES:
                return hex(r.getBytes(i));
            case DECIMAL:
                {
                    DecimalType d = (DecimalType) t;
                    return r.getDecimal(i, d.getPrecision(), d.getScale())
                            .toBigDecimal()
                            .toPlainString();
                }
            case TIMESTAMP_WITHOUT_TIME_ZONE:
                {
                    TimestampNtz n = r.getTimestampNtz(i, ((TimestampType) t).getPrecision());
                    return n.getMillisecond() + "." + n.getNanoOfMillisecond();
                }
            case TIMESTAMP_WITH_LOCAL_TIME_ZONE:
                {
                    TimestampLtz n =
                            r.getTimestampLtz(i, ((LocalZonedTimestampType) t).getPrecision());
                    return n.getEpochMillisecond() + "." + n.getNanoOfMillisecond();
                }
            case ARRAY:
                return array(r.getArray(i), ((ArrayType) t).getElementType());
            case MAP:
                {
                    InternalMap m = r.getMap(i);
                    MapType mt = (MapType) t;
                    InternalArray ks = m.keyArray();
                    InternalArray vs = m.valueArray();
                    TreeSet<String> out = new TreeSet<>();
                    for (int k = 0; k < m.size(); k++) {
                        out.add(at(ks, k, mt.getKeyType()) + "=" + at(vs, k, mt.getValueType()));
                    }
                    return "{" + String.join(", ", out) + "}";
                }
            case ROW:
                {
                    RowType rt = (RowType) t;
                    return row(r.getRow(i, rt.getFieldCount()), rt);
                }
            default:
                throw new IllegalArgumentException("type " + t);
        }
    }

    private static String array(InternalArray a, DataType e) {
        StringJoiner j = new StringJoiner(", ", "(", ")");
        for (int i = 0; i < a.size(); i++) {
            j.add(at(a, i, e));
        }
        return j.toString();
    }

    static String hex(byte[] b) {
        StringBuilder s = new StringBuilder("x");
        for (byte x : b) {
            s.append(String.format("%02x", x));
        }
        return s.toString();
    }
}

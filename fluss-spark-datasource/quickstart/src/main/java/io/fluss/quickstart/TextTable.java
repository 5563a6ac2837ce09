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
package io.fluss.quickstart;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Prints a small result as aligned text. */
final class TextTable {
    /** More rows than this are cut, with a word about it. */
    static final int ROWS_MAX = 1000;

    private TextTable() {}

    static void print(PrintStream out, Dataset<Row> result) {
        String[] names = result.columns();
        if (names.length == 0) {
            return;
        }
        List<Row> rows = result.takeAsList(ROWS_MAX + 1);
        boolean cut = rows.size() > ROWS_MAX;
        List<String[]> cells = new ArrayList<>();
        cells.add(names);
        boolean[] isNumber = new boolean[names.length];
        for (int c = 0; c < names.length; c++) {
            isNumber[c] =
                    result.schema().fields()[c].dataType()
                            instanceof org.apache.spark.sql.types.NumericType;
        }
        for (Row row : cut ? rows.subList(0, ROWS_MAX) : rows) {
            String[] line = new String[names.length];
            for (int c = 0; c < names.length; c++) {
                line[c] = row.isNullAt(c) ? "" : String.valueOf(row.get(c));
            }
            cells.add(line);
        }
        int[] width = new int[names.length];
        for (String[] line : cells) {
            for (int c = 0; c < line.length; c++) {
                width[c] = Math.max(width[c], line[c].length());
            }
        }
        for (String[] line : cells) {
            StringBuilder text = new StringBuilder();
            for (int c = 0; c < line.length; c++) {
                String pad = " ".repeat(width[c] - line[c].length());
                text.append("  ").append(isNumber[c] ? pad + line[c] : line[c] + pad);
            }
            out.println(text.toString().stripTrailing());
        }
        if (cut) {
            out.println("  (only the first " + ROWS_MAX + " rows)");
        }
    }
}

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
package io.fluss.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * Rows in columns of even width. What is written first sets the widths; longer cells that come
 * later push their row to the right. Belongs to one thread.
 */
final class TextGrid {
    private static final int CELL_MAX = 60;

    private final PrintWriter out;
    private final List<String> header;
    private final List<List<String>> waiting = new ArrayList<>();
    private int[] widths = {};

    TextGrid(PrintWriter out, List<String> header) {
        this.out = out;
        this.header = List.copyOf(header);
    }

    void add(List<String> row) {
        waiting.add(row);
    }

    /** Writes what was added. */
    void flush() {
        if (widths.length == 0) {
            measure();
            line(header);
        }
        waiting.forEach(this::line);
        waiting.clear();
    }

    private void measure() {
        widths = new int[header.size()];
        for (int i = 0; i < widths.length; i++) {
            widths[i] = header.get(i).length();
            for (List<String> row : waiting) {
                widths[i] = Math.max(widths[i], Math.min(CELL_MAX, row.get(i).length()));
            }
        }
    }

    private void line(List<String> cells) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < cells.size(); i++) {
            String cell = cells.get(i);
            line.append(cell);
            if (i < cells.size() - 1) {
                line.append(" ".repeat(Math.max(0, widths[i] - cell.length()) + 2));
            }
        }
        out.println(line.toString().stripTrailing());
    }
}

"""Reads lake tables with engines that have nothing of ours, and prints their rows.

Arguments: a JSON file with a list of {"name", "format", ...} where an Iceberg table has the path of its
"metadata" file and a Paimon table its "warehouse" and "table". Prints a line of JSON for each reader and table:
{"name", "reader", "rows": [[...], ...]} with the rows sorted. An entry may name the "snapshot" to read instead of
the newest one, and one "reader" instead of all. Without arguments entries are read from standard input, one a line.
"""

import json
import sys


def pyiceberg_table(entry):
    from pyiceberg.table import StaticTable

    return StaticTable.from_metadata(entry["metadata"])


def pyiceberg_scan(entry):
    snapshot = entry.get("snapshot")
    return pyiceberg_table(entry).scan(snapshot_id=None if snapshot is None else int(snapshot))


def pyiceberg_rows(entry):
    return pyiceberg_scan(entry).to_arrow()


def duckdb_rows(entry):
    """DuckDB over the Parquet files as they lie there; only where no delete files hide rows."""
    import duckdb

    tasks = list(pyiceberg_scan(entry).plan_files())
    if not tasks or any(t.delete_files for t in tasks):
        rows = pyiceberg_scan(entry).to_arrow()  # a name that DuckDB finds by itself
        return duckdb.sql("SELECT * FROM rows").to_arrow_table()
    files = [t.file.file_path.removeprefix("file:") for t in tasks]
    return duckdb.sql(f"SELECT * FROM read_parquet({files!r}, hive_partitioning = false)").to_arrow_table()


def pypaimon_rows(entry):
    from pypaimon import CatalogFactory

    table = CatalogFactory.create({"warehouse": entry["warehouse"]}).get_table(entry["table"])
    if "snapshot" in entry:
        table = table.copy({"scan.snapshot-id": entry["snapshot"]})
    builder = table.new_read_builder()
    return builder.new_read().to_arrow(builder.new_scan().plan().splits())


READERS = {"iceberg": {"pyiceberg": pyiceberg_rows, "duckdb": duckdb_rows}, "paimon": {"pypaimon": pypaimon_rows}}


def plain(table):
    columns = [c for c in table.column_names if not c.startswith("__")]
    rows = table.select(columns).to_pylist()
    return sorted([[str(row[c]) for c in columns] for row in rows])


def answer(entry):
    for reader, rows in READERS[entry["format"]].items():
        if entry.get("reader", reader) == reader:
            line = {"name": entry["name"], "reader": reader, "rows": plain(rows(entry))}
            print("FOREIGN " + json.dumps(line), flush=True)


def main():
    if len(sys.argv) > 1:
        with open(sys.argv[1]) as spec:
            for entry in json.load(spec):
                answer(entry)
    else:
        for line in sys.stdin:
            answer(json.loads(line))


if __name__ == "__main__":
    main()

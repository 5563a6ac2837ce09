"""The examples of the user guide: catalog, write, read, stream, union read.

Arguments: jars, bootstrap servers, checkpoint directory, the command of a round of tiering.
"""
import subprocess
import sys

from pyspark.sql import SparkSession

jars, bootstrap, checkpoint = sys.argv[1:4]
tier = sys.argv[4:]

spark = (
    SparkSession.builder.master("local[2]")
    .config("spark.jars", jars)
    .config("spark.ui.enabled", "false")
    .config("spark.driver.host", "127.0.0.1")
    .config("spark.driver.bindAddress", "127.0.0.1")
    .config("spark.sql.shuffle.partitions", "2")
    .config("spark.sql.catalog.fluss", "io.fluss.spark.FlussCatalog")
    .config("spark.sql.catalog.fluss.bootstrap.servers", bootstrap)
    .getOrCreate()
)

spark.sql("CREATE NAMESPACE IF NOT EXISTS fluss.python")
spark.sql("CREATE TABLE fluss.python.items (id BIGINT NOT NULL, item STRING) CLUSTERED BY (id) INTO 2 BUCKETS")
spark.sql("CREATE TABLE fluss.python.copy (id BIGINT NOT NULL, item STRING)")

rows = spark.createDataFrame([(1, "lamp"), (2, "chair"), (3, "desk")], "id BIGINT NOT NULL, item STRING")
rows.writeTo("fluss.python.items").append()
print("READ", [tuple(r) for r in spark.table("fluss.python.items").orderBy("id").collect()])


def copy_new_rows():
    (
        spark.readStream.format("fluss")
        .option("bootstrap.servers", bootstrap)
        .option("table", "python.items")
        .load()
        .writeStream.format("fluss")
        .option("bootstrap.servers", bootstrap)
        .option("table", "python.copy")
        .option("checkpointLocation", checkpoint)
        .trigger(availableNow=True)
        .start()
        .awaitTermination()
    )
    return [tuple(r) for r in spark.table("fluss.python.copy").orderBy("id").collect()]


print("STREAM", copy_new_rows())
spark.sql("INSERT INTO fluss.python.items VALUES (4, 'shelf')")
print("RESUMED", copy_new_rows())

spark.sql("CREATE TABLE fluss.python.kept (id BIGINT, item STRING) TBLPROPERTIES ('table.datalake.enabled' = 'true')")
spark.sql("INSERT INTO fluss.python.kept VALUES (1, 'lamp'), (2, 'chair')")
subprocess.run(tier, check=True)
spark.sql("INSERT INTO fluss.python.kept VALUES (3, 'desk')")
lake = spark.read.option("read.mode", "lake").table("fluss.python.kept")
print("LAKE", [tuple(r) for r in lake.orderBy("id").collect()])
print("UNION", [tuple(r) for r in spark.table("fluss.python.kept").orderBy("id").collect()])

spark.sql("CREATE TABLE fluss.python.prices (id BIGINT, price DOUBLE, PRIMARY KEY (id)) TBLPROPERTIES ('bucket.num' = '1')")
spark.createDataFrame([(1, 19.9), (2, 45.0)], "id BIGINT NOT NULL, price DOUBLE").writeTo("fluss.python.prices").append()
spark.sql("INSERT INTO fluss.python.prices VALUES (2, 39.0), (3, 5.0)")
spark.sql("UPDATE fluss.python.prices SET price = price + 1 WHERE id = 3")
spark.sql("DELETE FROM fluss.python.prices WHERE id = 1")
print("PRICES", [tuple(r) for r in spark.table("fluss.python.prices").orderBy("id").collect()])
print("LOOKUP", [tuple(r) for r in spark.table("fluss.python.prices").where("id IN (2, 7)").collect()])
changes = spark.read.option("read.changelog", "true").table("fluss.python.prices").where("id = 1")
print("CHANGES", [tuple(r) for r in changes.select("_change_type", "price").orderBy("_offset").collect()])
(
    spark.readStream.table("fluss.python.prices")
    .selectExpr("*", "_change_type")
    .writeStream.format("memory")
    .queryName("seen")
    .option("checkpointLocation", checkpoint + "-prices")
    .trigger(availableNow=True)
    .start()
    .awaitTermination()
)
print("ROWS", [tuple(r) for r in spark.table("seen").orderBy("id").collect()])
spark.stop()

"""The example of the user guide: catalog, write, read, stream.

Arguments: runtime jar, bootstrap servers, checkpoint directory.
"""
import sys

from pyspark.sql import SparkSession

jar, bootstrap, checkpoint = sys.argv[1:4]

spark = (
    SparkSession.builder.master("local[2]")
    .config("spark.jars", jar)
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
print("STREAM", [tuple(r) for r in spark.table("fluss.python.copy").orderBy("id").collect()])
spark.stop()

package io.fluss.metastore;

class InMemoryMetastoreTest extends MetastoreContractTest {
    private final Metastore metastore = InMemoryNodeTree.metastore();

    @Override
    protected Metastore metastore() {
        return metastore;
    }
}

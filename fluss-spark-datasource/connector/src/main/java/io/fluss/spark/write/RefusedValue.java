package io.fluss.spark.write;

/** A value that a column cannot hold; becomes an error that names table, column and row. */
final class RefusedValue extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String place;

    RefusedValue(String place, String message) {
        super(message);
        this.place = place;
    }

    /** Column, and field of it. */
    String place() {
        return place;
    }
}

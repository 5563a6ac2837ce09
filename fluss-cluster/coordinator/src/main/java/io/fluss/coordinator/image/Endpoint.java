package io.fluss.coordinator.image;

/** Where a listener of a server can be reached. */
public record Endpoint(String host, int port) {}

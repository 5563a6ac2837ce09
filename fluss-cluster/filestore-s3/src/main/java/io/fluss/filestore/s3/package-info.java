/**
 * Files in S3 and in stores that speak its protocol, under {@code s3://bucket/key}. {@link
 * io.fluss.filestore.s3.S3FileStoreProvider} is found by {@link io.fluss.filestore.FileStores};
 * options are in {@link io.fluss.filestore.s3.S3Settings}. No threads of its own; the only user of
 * the AWS SDK.
 */
@NullMarked
package io.fluss.filestore.s3;

import org.jspecify.annotations.NullMarked;

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
package io.fluss.filestore.s3;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.filestore.FileStore;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Objects of S3 as files: an object appears whole or not at all, also when it is sent in parts. The
 * SDK tries a request again a bounded number of times. Thread-safe.
 */
final class S3FileStore implements FileStore {
    private static final int NOT_FOUND = 404;
    private static final int RANGE_NOT_SATISFIABLE = 416;
    private static final int FORBIDDEN = 403;

    private final S3Client client;
    private final S3Settings settings;

    private S3FileStore(S3Client client, S3Settings settings) {
        this.client = client;
        this.settings = settings;
    }

    static S3FileStore open(S3Settings s) {
        S3ClientBuilder builder =
                S3Client.builder()
                        .httpClientBuilder(UrlConnectionHttpClient.builder())
                        .region(Region.of(s.region()))
                        .forcePathStyle(s.isPathStyle())
                        // Compatible stores do not know the newer checksums.
                        .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                        .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                        .overrideConfiguration(
                                c ->
                                        c.apiCallTimeout(s.requestMax())
                                                .retryStrategy(
                                                        r -> r.maxAttempts(s.attemptsMax())));
        s.endpoint().ifPresent(builder::endpointOverride);
        s.keys()
                .ifPresent(
                        k ->
                                builder.credentialsProvider(
                                        StaticCredentialsProvider.create(credentials(k))));
        return new S3FileStore(builder.build(), s);
    }

    private static AwsCredentials credentials(S3Settings.Keys k) {
        return k.sessionToken().isPresent()
                ? AwsSessionCredentials.create(k.accessKey(), k.secretKey(), k.sessionToken().get())
                : AwsBasicCredentials.create(k.accessKey(), k.secretKey());
    }

    /** Bucket and key that a URI names; the key has no slash at its end. */
    private record Place(String scheme, String bucket, String key) {
        static Place of(String uri) {
            int scheme = uri.indexOf("://");
            int slash = scheme < 0 ? -1 : uri.indexOf('/', scheme + 3);
            if (scheme < 0 || slash < 0 || !uri.startsWith("s3") || slash == scheme + 3) {
                throw ErrorReason.STORAGE.exception(
                        "'" + uri + "' is not of the form s3://bucket/name");
            }
            String key = uri.substring(slash + 1);
            return new Place(
                    uri.substring(0, scheme),
                    uri.substring(scheme + 3, slash),
                    key.endsWith("/") ? key.substring(0, key.length() - 1) : key);
        }

        String uri(String other) {
            return scheme + "://" + bucket + "/" + other;
        }

        String directory() {
            return key.isEmpty() ? "" : key + "/";
        }
    }

    @Override
    public void write(String uri, byte[] content) {
        Place p = Place.of(uri);
        var unused =
                call(
                        "write",
                        uri,
                        () ->
                                client.putObject(
                                        r -> r.bucket(p.bucket()).key(p.key()),
                                        RequestBody.fromBytes(content)));
    }

    @Override
    public void upload(Path source, String uri) {
        Place p = Place.of(uri);
        try (FileChannel file = FileChannel.open(source, StandardOpenOption.READ)) {
            long size = file.size();
            if (size <= settings.partBytes()) {
                write(uri, Files.readAllBytes(source));
            } else {
                uploadParts(file, size, p, uri);
            }
        } catch (IOException e) {
            throw ErrorReason.STORAGE.exception("cannot write '" + uri + "': " + e, e);
        }
    }

    private void uploadParts(FileChannel file, long size, Place p, String uri) throws IOException {
        String id =
                call(
                        "write",
                        uri,
                        () ->
                                client.createMultipartUpload(r -> r.bucket(p.bucket()).key(p.key()))
                                        .uploadId());
        boolean isDone = false;
        try {
            List<CompletedPart> parts = new ArrayList<>();
            for (long at = 0; at < size; at += settings.partBytes()) {
                byte[] part = part(file, at, (int) Math.min(settings.partBytes(), size - at));
                int number = parts.size() + 1;
                String tag =
                        call(
                                "write",
                                uri,
                                () ->
                                        client.uploadPart(
                                                        r ->
                                                                r.bucket(p.bucket())
                                                                        .key(p.key())
                                                                        .uploadId(id)
                                                                        .partNumber(number),
                                                        RequestBody.fromBytes(part))
                                                .eTag());
                parts.add(CompletedPart.builder().partNumber(number).eTag(tag).build());
            }
            var unused =
                    call(
                            "write",
                            uri,
                            () ->
                                    client.completeMultipartUpload(
                                            r ->
                                                    r.bucket(p.bucket())
                                                            .key(p.key())
                                                            .uploadId(id)
                                                            .multipartUpload(m -> m.parts(parts))));
            isDone = true;
        } finally {
            if (!isDone) {
                abort(p, id);
            }
        }
    }

    private static byte[] part(FileChannel file, long at, int length) throws IOException {
        ByteBuffer part = ByteBuffer.allocate(length);
        while (part.hasRemaining()) {
            if (file.read(part, at + part.position()) < 0) {
                throw new EOFException("the file ends at byte " + (at + part.position()));
            }
        }
        return part.array();
    }

    /** Parts that nobody completes cost money; a store's own rule removes what is left of them. */
    private void abort(Place p, String id) {
        try {
            var unused =
                    client.abortMultipartUpload(
                            r -> r.bucket(p.bucket()).key(p.key()).uploadId(id));
        } catch (SdkException e) {
            org.slf4j.LoggerFactory.getLogger(S3FileStore.class)
                    .warn("the upload {} of {} was not aborted", id, p, e);
        }
    }

    @Override
    public Optional<byte[]> read(String uri) {
        Place p = Place.of(uri);
        return call(
                "read",
                uri,
                () -> {
                    try {
                        return Optional.of(
                                client.getObjectAsBytes(r -> r.bucket(p.bucket()).key(p.key()))
                                        .asByteArray());
                    } catch (NoSuchKeyException e) {
                        return Optional.empty();
                    }
                });
    }

    @Override
    public OptionalInt read(String uri, long position, ByteBuffer into) {
        if (!into.hasRemaining()) {
            return OptionalInt.of(0);
        }
        Place p = Place.of(uri);
        String range = "bytes=" + position + "-" + (position + into.remaining() - 1);
        return call(
                "read",
                uri,
                () -> {
                    try (ResponseInputStream<GetObjectResponse> in =
                            client.getObject(r -> r.bucket(p.bucket()).key(p.key()).range(range))) {
                        return OptionalInt.of(fill(into, in));
                    } catch (NoSuchKeyException e) {
                        return OptionalInt.empty();
                    } catch (S3Exception e) {
                        if (e.statusCode() == RANGE_NOT_SATISFIABLE) {
                            return OptionalInt.of(0);
                        }
                        throw e;
                    } catch (IOException e) {
                        throw ErrorReason.STORAGE.exception("cannot read '" + uri + "': " + e, e);
                    }
                });
    }

    private static int fill(ByteBuffer into, InputStream in) throws IOException {
        byte[] piece = new byte[Math.min(into.remaining(), 64 << 10)];
        int sum = 0;
        while (into.hasRemaining()) {
            int n = in.read(piece, 0, Math.min(piece.length, into.remaining()));
            if (n < 0) {
                break;
            }
            into.put(piece, 0, n);
            sum += n;
        }
        return sum;
    }

    @Override
    public List<String> list(String directoryUri) {
        Place p = Place.of(directoryUri);
        return call(
                "list",
                directoryUri,
                () ->
                        client.listObjectsV2Paginator(inside(p)).contents().stream()
                                .map(S3Object::key)
                                .filter(key -> !key.equals(p.directory()))
                                .sorted()
                                .map(p::uri)
                                .toList());
    }

    @Override
    public List<String> listDirectories(String directoryUri) {
        Place p = Place.of(directoryUri);
        return call(
                "list",
                directoryUri,
                () ->
                        client.listObjectsV2Paginator(inside(p)).commonPrefixes().stream()
                                .map(CommonPrefix::prefix)
                                .map(d -> d.substring(0, d.length() - 1))
                                .sorted()
                                .map(p::uri)
                                .toList());
    }

    private static ListObjectsV2Request inside(Place p) {
        return ListObjectsV2Request.builder()
                .bucket(p.bucket())
                .prefix(p.directory())
                .delimiter("/")
                .build();
    }

    @Override
    public void delete(String uri) {
        Place p = Place.of(uri);
        if (p.key().isEmpty()) {
            throw ErrorReason.STORAGE.exception("'" + uri + "' is a whole bucket, not deleted");
        }
        var unused =
                call(
                        "delete",
                        uri,
                        () -> {
                            List<String> inside = inDirectory(p);
                            // One by one: compatible stores refuse the checksum that a request
                            // for many needs. From the end: stores over a file system list
                            // directories too, before what is in them.
                            for (int i = inside.size() - 1; i >= 0; i--) {
                                deleteObject(p.bucket(), inside.get(i));
                            }
                            if (inside.isEmpty()) {
                                deleteObject(p.bucket(), p.key());
                            }
                            return p;
                        });
    }

    private List<String> inDirectory(Place p) {
        return client
                .listObjectsV2Paginator(r -> r.bucket(p.bucket()).prefix(p.directory()))
                .contents()
                .stream()
                .map(S3Object::key)
                .toList();
    }

    private void deleteObject(String bucket, String key) {
        var unused = client.deleteObject(r -> r.bucket(bucket).key(key));
    }

    private <T> T call(String what, String uri, Supplier<T> request) {
        try {
            return request.get();
        } catch (SdkException e) {
            throw failure(what, uri, e);
        }
    }

    private FlussException failure(String what, String uri, SdkException e) {
        String where = settings.endpoint().map(URI::toString).orElse("AWS, " + settings.region());
        String why = String.valueOf(e.getMessage());
        if (e instanceof S3Exception s && s.statusCode() == FORBIDDEN) {
            why =
                    "access denied for key "
                            + settings.keys().map(S3Settings.Keys::toString).orElse("of the chain")
                            + "; check 's3.access-key', 's3.secret-key' and the bucket's policy: "
                            + why;
        } else if (e instanceof S3Exception s && s.statusCode() == NOT_FOUND) {
            why = "bucket '" + Place.of(uri).bucket() + "' does not exist: " + why;
        } else if (!(e instanceof S3Exception)) {
            // A store that refuses keys may close the connection before it was sent the file.
            why = "no answer; check 's3.endpoint' and the keys: " + why;
        }
        return ErrorReason.STORAGE.exception(
                "cannot " + what + " '" + uri + "' at " + where + ": " + why, e);
    }

    @Override
    public void close() {
        client.close();
    }
}

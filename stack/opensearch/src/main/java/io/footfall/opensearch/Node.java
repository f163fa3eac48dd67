package io.footfall.opensearch;

import java.io.IOException;
import java.nio.file.Path;
import org.codelibs.opensearch.runner.OpenSearchRunner;

/** One OpenSearch node for runs on one machine and for tests; it has no logins, so it listens on one address alone. */
public final class Node {
    private Node() {}

    /**
     * Runs a node until the process is told to end.
     *
     * @param arguments the folder for all that it keeps, the address and the port of its HTTP API
     */
    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length != 3) {
            throw new IllegalArgumentException("wanted: FOLDER ADDRESS PORT");
        }
        OpenSearchRunner runner = new OpenSearchRunner();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(runner)));
        runner.onBuild((number, settings) -> {
            settings.put("network.host", arguments[1]);
            settings.put("http.port", arguments[2]);
            // Nobody joins it, and it looks for nobody.
            settings.put("discovery.type", "single-node");
            settings.put("transport.port", "0");
            // Many systems let a process map fewer files than it would like to.
            settings.put("node.store.allow_mmap", "false");
        });
        runner.build(OpenSearchRunner.newConfigs()
                .basePath(Path.of(arguments[0]).toAbsolutePath().toString())
                .numOfNode(1)
                .clusterName("footfall")
                .useLogger());
        Thread.currentThread().join();
    }

    private static void close(OpenSearchRunner runner) {
        try {
            runner.close();
        } catch (IOException error) {
            System.err.println("the node did not end cleanly: " + error);
        }
    }
}

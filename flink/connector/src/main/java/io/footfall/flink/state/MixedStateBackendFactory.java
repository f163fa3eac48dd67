package io.footfall.flink.state;

import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.StateBackendFactory;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;

/** Makes {@link MixedStateBackend} what {@code state.backend.type} can name. */
public final class MixedStateBackendFactory implements StateBackendFactory<StateBackend> {

  @Override
  public StateBackend createFromConfig(ReadableConfig config, ClassLoader classLoader) {
    return new MixedStateBackend(new HashMapStateBackend(), new EmbeddedRocksDBStateBackend())
        .configure(config, classLoader);
  }
}

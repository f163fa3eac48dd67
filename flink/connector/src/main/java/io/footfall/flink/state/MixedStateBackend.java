package io.footfall.flink.state;

import java.io.IOException;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.state.CheckpointableKeyedStateBackend;
import org.apache.flink.runtime.state.ConfigurableStateBackend;
import org.apache.flink.runtime.state.OperatorStateBackend;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;

/**
 * Keeps the long memory of process table functions in RocksDB, whose checkpoints hold what has
 * changed, and the small state of windows and joins on the heap, where it is fastest. Flink has one
 * state backend for a job: one that suits the first makes the second slow, and one that suits the
 * second copies the first as a whole with every checkpoint.
 */
public final class MixedStateBackend implements ConfigurableStateBackend {

  private static final long serialVersionUID = 1L;

  /**
   * How Flink names the operator of process table functions over partitions; the names of operators
   * begin so.
   */
  private static final String LONG_MEMORY = "ProcessSetTableOperator";

  private final HashMapStateBackend heap;
  private final EmbeddedRocksDBStateBackend disk;

  MixedStateBackend(HashMapStateBackend heap, EmbeddedRocksDBStateBackend disk) {
    this.heap = heap;
    this.disk = disk;
  }

  @Override
  public StateBackend configure(ReadableConfig config, ClassLoader classLoader) {
    return new MixedStateBackend(
        heap.configure(config, classLoader), disk.configure(config, classLoader));
  }

  @Override
  public <K> CheckpointableKeyedStateBackend<K> createKeyedStateBackend(
      KeyedStateBackendParameters<K> parameters) throws IOException {
    return parameters.getOperatorIdentifier().startsWith(LONG_MEMORY)
        ? disk.createKeyedStateBackend(parameters)
        : heap.createKeyedStateBackend(parameters);
  }

  @Override
  public OperatorStateBackend createOperatorStateBackend(OperatorStateBackendParameters parameters)
      throws Exception {
    return heap.createOperatorStateBackend(parameters);
  }

  @Override
  public boolean useManagedMemory() {
    return true;
  }

  @Override
  public boolean supportsNoClaimRestoreMode() {
    return heap.supportsNoClaimRestoreMode() && disk.supportsNoClaimRestoreMode();
  }

  @Override
  public boolean supportsSavepointFormat(SavepointFormatType format) {
    return heap.supportsSavepointFormat(format) && disk.supportsSavepointFormat(format);
  }
}

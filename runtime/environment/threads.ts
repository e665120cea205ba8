/** Memory in MB that buys one vCPU: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
export const MB_PER_VCPU = 1769;

/**
 * Threads for one inference. ONNX Runtime would use all cores of the host, but Lambda grants a share of them that grows
 * with the memory setting; more threads than that wait for each other.
 * @param memoryMb AWS_LAMBDA_FUNCTION_MEMORY_SIZE; anything but a positive number counts as unset (no limit)
 * @param cores cores that the process may use, e.g. os.availableParallelism()
 */
export function threadCount(memoryMb: string | undefined, cores: number): number {
  const memory = Number(memoryMb);
  const share = memory > 0 ? Math.ceil(memory / MB_PER_VCPU) : cores;
  return Math.max(1, Math.min(share, cores));
}

/**
 * Number of events that are handled concurrently.
 * @param concurrency AWS_LAMBDA_MAX_CONCURRENCY; anything but a positive number counts as unset
 */
export function slotCount(concurrency: string | undefined): number {
  return Math.max(1, Math.floor(Number(concurrency)) || 1);
}

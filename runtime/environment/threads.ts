/** Memory in MB that buys one vCPU: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
export const MB_PER_VCPU = 1769;

/**
 * Threads for one inference. ONNX Runtime would take the host's cores, of which Lambda grants a share that grows
 * with the memory setting; more threads than that share wait for each other.
 * @param memoryMb AWS_LAMBDA_FUNCTION_MEMORY_SIZE; what is no positive number counts as unset (no share to honour)
 * @param cores what the process may use at most, e.g. os.availableParallelism()
 */
export function threadCount(memoryMb: string | undefined, cores: number): number {
  const memory = Number(memoryMb);
  const share = memory > 0 ? Math.ceil(memory / MB_PER_VCPU) : cores;
  return Math.max(1, Math.min(share, cores));
}

/** Events that may be in work at once. @param concurrency AWS_LAMBDA_MAX_CONCURRENCY; what is no positive number counts as unset */
export function slotCount(concurrency: string | undefined): number {
  return Math.max(1, Math.floor(Number(concurrency)) || 1);
}

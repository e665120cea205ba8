import { availableParallelism } from "node:os";
import { threadCount } from "./environment/threads.ts";
import { httpSender } from "./lambda/connection.ts";
import { log } from "./lambda/log.ts";
import { loadQuietly } from "./lambda/native-log.ts";
import { runtimeApi } from "./lambda/runtime-api.ts";
import { start } from "./lambda/start.ts";
import { loadOrt } from "./onnx/native-binding.ts";
import { modelHandler } from "./serving/handler.ts";
import { health } from "./serving/health.ts";
import { memoryWatch, sizeOfFolder } from "./serving/memory.ts";
import { listModels, modelPool, readManifest } from "./serving/model-pool.ts";
import { openModel } from "./serving/open-model.ts";
import { startTimes } from "./serving/start-times.ts";
import { userHandler } from "./user-handler/answer.ts";
import { loadUserHandler } from "./user-handler/load.ts";
import { pipelineFor } from "./user-handler/pipeline.ts";

startTimes.node = performance.now();
const { env } = process;
const root = env.MKIMAGE_MODELS_DIR || "/opt/models";

const stopping = new AbortController();
process.once("SIGTERM", () => stopping.abort());

if (!env.AWS_LAMBDA_RUNTIME_API) {
  console.error("mkimage: AWS_LAMBDA_RUNTIME_API is unset; start this program with /lambda-entrypoint.sh");
  process.exit(1);
}
const api = runtimeApi(httpSender(env.AWS_LAMBDA_RUNTIME_API));

/**
 * Everything that the first event should not wait for: the default model, opened and warmed up, and the user's
 * handler.
 */
async function init() {
  // First: no other thread may open files meanwhile.
  loadQuietly(loadOrt);
  const memory = env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE;
  const threads = threadCount(memory, availableParallelism());
  const models = modelPool({
    names: listModels(root),
    fallback: env.MKIMAGE_MODEL,
    open: (name) => openModel(`${root}/${name}`, threads),
    memory: memoryWatch({
      limit: (Number(memory) || Infinity) * 1024 * 1024,
      used: () => process.memoryUsage.rss(),
      sizeOf: (name) => sizeOfFolder(`${root}/${name}`),
    }),
  });
  const [lease, user] = await Promise.all([
    models.use(),
    env.MKIMAGE_HANDLER ? loadUserHandler(env.MKIMAGE_HANDLER) : undefined,
  ]);
  lease.release();
  log("DEBUG", "started", { milliseconds: startTimes });
  const healthNow = () => health(models, (name) => readManifest(root, name));
  const next = modelHandler(models, healthNow);
  if (!user) return next;
  const pipeline = pipelineFor(models, { deadlineMs: Infinity, requestId: "init" });
  await user.init?.({ pipeline, models: healthNow().models.map(({ open: _, ...facts }) => facts) });
  return userHandler(user, { models, next });
}

await start(api, init, { signal: stopping.signal, env });

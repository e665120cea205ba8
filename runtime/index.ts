import { availableParallelism } from "node:os";
import { join } from "node:path";
import { runtimeApi } from "./api/client.ts";
import { httpSender } from "./api/http.ts";
import { serve } from "./api/loop.ts";
import { modelHandler } from "./handler.ts";
import { logError } from "./log.ts";
import { openModel } from "./model.ts";
import { listModels, modelSet } from "./models.ts";
import { threadCount } from "./threads.ts";

const { AWS_LAMBDA_RUNTIME_API, AWS_LAMBDA_FUNCTION_MEMORY_SIZE, MKIMAGE_MODEL } = process.env;
const root = process.env.MKIMAGE_MODELS_DIR || "/opt/models";

const stopping = new AbortController();
process.once("SIGTERM", () => stopping.abort());

if (!AWS_LAMBDA_RUNTIME_API) {
  console.error("mkimage: AWS_LAMBDA_RUNTIME_API is unset; start this program by /lambda-entrypoint.sh");
  process.exit(1);
}
const api = runtimeApi(httpSender(AWS_LAMBDA_RUNTIME_API));

/** All that the first event should not wait for: the default model, opened and warmed up. */
async function init() {
  const threads = threadCount(AWS_LAMBDA_FUNCTION_MEMORY_SIZE, availableParallelism());
  const models = modelSet(listModels(root), MKIMAGE_MODEL, (name) => openModel(join(root, name), threads));
  await models.get();
  return models;
}

try {
  const models = await init().catch(async (error: unknown) => {
    logError("the runtime cannot start", error);
    await api.failInit(error);
    process.exit(1);
  });
  await serve(api, modelHandler(models), stopping.signal);
  process.exit(0);
} catch (error) {
  logError("the runtime ends", error);
  process.exit(1);
}

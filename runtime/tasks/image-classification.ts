import { runImageModel } from "../inference/run-image-model.ts";
import type { ImageModel, Task } from "../model/model.ts";
import { readPictures } from "../request/inputs.ts";
import { readParameters, unsupported } from "../request/parameters.ts";
import { CLASS_PARAMETERS, classifier } from "./classification.ts";

/** Default of transformers' pipeline. */
const TOP_K = 5;

const PARAMETERS = {
  ...CLASS_PARAMETERS,
  batch_size: unsupported("the batch size follows from the sizes of the pictures"),
  timeout: unsupported("pictures are not downloaded; see the formats of `inputs`"),
};

/** A PNG of one pixel: enough to warm up the decoder. */
const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mNgYGAAAAAEAAHI6uv5AAAAAElFTkSuQmCC";

/**
 * Labels of a picture, in descending order of scores: `[{label, score}, …]`. `inputs` is a picture in
 * base64, as a `data:` URI, or as `s3://bucket/key`; a list of them gives a list of these.
 */
export const imageClassification: Task<ImageModel> = {
  parameters: PARAMETERS,
  warmUp: () => ({ inputs: PIXEL }),
  async run(model, request, work) {
    const { items: sources, single, fieldOf } = readPictures(request.inputs);
    const parameters = readParameters(request, PARAMETERS);
    const classify = classifier(model, { top_k: TOP_K, ...parameters });
    const logits = await runImageModel(model, model.images, { sources, fieldOf, work });
    const results = logits.map(classify);
    return single ? results[0] : results;
  },
};

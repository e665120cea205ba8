import { type TaskRow, taskRow } from "../../models/tasks.ts";
import { cellName } from "../plan/cell-name.ts";
import type { Image } from "../plan/image.ts";
import type { Variant } from "../plan/variant.ts";
import { testCasesOf } from "../smoke/cases.ts";

/** What can be asked of a model. */
interface Askable {
  readonly name: string;
  readonly task: string;
  /** What its `inputs` are; `event`: a project's own handler reads the request. */
  readonly reads: TaskRow["reads"] | "event";
  /** What the page asks at first: the first sample of the spec, or a usual request. */
  readonly request: unknown;
}

interface PageCell {
  readonly name: string;
  readonly url: string;
  readonly emulated: boolean;
}

/** What the page knows of a function: equal in all of its cells. */
export interface PageFunction {
  readonly name: string;
  readonly models: readonly Askable[];
  readonly cells: readonly PageCell[];
}

async function askable(variant: Variant, isDefault: boolean): Promise<Askable> {
  const { name, spec } = variant;
  const [question] = await testCasesOf(variant);
  const model = isDefault ? {} : { model: name };
  return {
    name,
    task: spec.task,
    reads: taskRow(spec.task).reads,
    request: { ...question?.event, ...model },
  };
}

async function askables({ event, handler, models }: Image): Promise<Askable[]> {
  if (handler) {
    const [first] = await Promise.all(models.slice(0, 1).map((variant) => askable(variant, true)));
    return [{ name: handler.file, task: "handler", reads: "event", request: event ?? first?.request }];
  }
  return Promise.all(models.map((variant, index) => askable(variant, index === 0)));
}

/** What the page shows of images: a function with its cells, each once. */
export async function pageData(
  images: readonly Image[],
  placeOf: (image: Image) => Omit<PageCell, "name">,
): Promise<PageFunction[]> {
  const functions = [...new Set(images.map((image) => image.function))];
  return Promise.all(
    functions.map(async (name) => {
      const own = images.filter((image) => image.function === name);
      const cells = own.map((image) => ({ name: cellName(image, images), ...placeOf(image) }));
      return { name, models: await askables(own[0] as Image), cells };
    }),
  );
}

import { ARCHES, DEFAULT_QUANTIZATION, names, QUANTIZATIONS, type Recipe } from "../catalog.ts";
import { GENERATED } from "./generated.ts";

/** How a graph is made, as people say it. */
function recipeText(recipe: Recipe): string {
  if (recipe.method === "nbits") {
    const blocks = Object.entries(recipe.blockSizes).map(([operator, size]) => `${size} in ${operator}`);
    return `${recipe.bits}-bit weights in blocks of ${blocks.join(", ")}; products of 8-bit integers`;
  }
  if (recipe.method === "dynamic" || recipe.method === "static") {
    const bits = `${recipe.reduceRange ? 7 : 8} bits, a scale for each column`;
    return recipe.method === "static" ? `${bits}, activations ${recipe.activations}` : bits;
  }
  if (recipe.method === "float16") return "weights and activations of 16 bits";
  return recipe.optimize === "never" ? "the graph as it is" : "the graph, optimized";
}

/** Number formats: when to take which, and how each is made. */
export function quantizationReference(): string {
  const rows = names(QUANTIZATIONS).map((name) => {
    const { title, whenToUse, recipes } = QUANTIZATIONS[name];
    const [arm64, amd64] = names(ARCHES).map((arch) => recipeText(recipes[arch]));
    const made = arm64 === amd64 ? arm64 : `arm64: ${arm64}; amd64: ${amd64}`;
    return `| \`${name}\` | ${title} | ${whenToUse} | ${made} |`;
  });
  return [
    GENERATED,
    "# Number formats",
    `\`--quantization\`, or \`quantization\` in mkimage.json, names the number format of the weights. The default is \`${DEFAULT_QUANTIZATION}\`. ` +
      "Several make a further axis of the matrix, and each image has the format at the end of its tag.",
    ["| format | | when to take it | how it is made |", "|---|---|---|---|", ...rows].join("\n"),
    "## How to choose",
    "```\nnpx mkimage build --quantization fp32,int8,int4 --os debian --arch arm64\nnpx mkimage test --quantization fp32,int8,int4 --os debian --arch arm64\n```",
    "`build` ends with the size and the gate's figure of each image, `test` with the time of the first and of later answers. Take the " +
      "fastest whose figures you accept, and write the limit into the spec's `gate`: a later build that falls below it fails, and names the " +
      "field and the file. Add samples of your own texts to the spec first, since the gate compares answers to them.",
    "Times by format, and what a build guarantees: [models.md](models.md#number-formats). With measured results, `mkimage recommend` " +
      "chooses: [cli.md](cli.md#mkimage-recommend).",
  ].join("\n\n");
}

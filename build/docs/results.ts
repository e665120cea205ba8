import { RESULTS_VERSION, resultSchema } from "../bench/results.ts";
import { fieldTable, toSchema } from "./configuration.ts";
import { GENERATED } from "./generated.ts";

/** Every field of a line that `mkimage bench` writes. */
export const resultsReference = (): string =>
  [
    GENERATED,
    "# Results",
    `\`mkimage bench\` appends lines of JSON to \`bench/results.jsonl\`, one for each cell, memory size and input ([bench.md](bench.md)). A line of version ${RESULTS_VERSION} has these ` +
      "fields, optional unless they are required; as JSON Schema: [results.schema.json](results.schema.json). Times are milliseconds, sizes bytes unless the name says MB. Readers ignore fields that they do not know.",
    fieldTable(toSchema(resultSchema) as Parameters<typeof fieldTable>[0]),
  ].join("\n\n");

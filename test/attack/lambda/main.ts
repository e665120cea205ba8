/**
 * Runs in a container next to a function's, with its network and its processes: plays Lambda for it. Takes orders from
 * stdin, one as JSON on each line, and writes what came of each to stdout, after a line that says that it is ready.
 */
import { createInterface } from "node:readline";
import { hostileBucket } from "./bucket.ts";
import { attack, type Order, repeat } from "./order.ts";
import { RuntimeApi } from "./runtime-api.ts";

const api = await RuntimeApi.listen(9001);
await hostileBucket(9002);
process.stdout.write("ready\n");

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line) as Order;
  const outcome = await (order.kind === "series" ? repeat(api, order) : attack(api, order)).catch(
    (error: Error) => ({
      broken: error.message,
    }),
  );
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
}
process.exit(0);

import type { Invocation, Lambda } from "../../../../../build/clients/lambda.ts";

interface Made {
  readonly input: Readonly<Record<string, unknown>>;
  configuration: Readonly<Record<string, unknown>>;
  /** Whether its next call starts an environment. */
  isNew: boolean;
}

export interface FakeCall {
  readonly name: string;
  readonly memory: number;
  readonly qualifier: string;
  /** How many calls there have been before. */
  readonly count: number;
}

const WARM_MS = 10;

/** A log as Lambda writes it for a call of 10 ms, or for a start of 300 ms. */
const reportOf = (isNew: boolean, duration = WARM_MS): string =>
  `REPORT RequestId: 1\tDuration: ${duration}.00 ms\tBilled Duration: ${duration + (isNew ? 290 : 0)} ms\tMemory Size: 1024 MB\tMax Memory Used: 123 MB\t${isNew ? "Init Duration: 290.00 ms\t" : ""}\n`;

/** Functions in memory, whose calls answer at once with the report of Lambda. */
export function fakeLambda(answer: (call: FakeCall) => Partial<Invocation> | undefined = () => undefined) {
  const functions = new Map<string, Made>();
  const calls: FakeCall[] = [];
  const writes: string[] = [];
  const set = (name: string, configuration: Record<string, unknown>) => {
    const made = functions.get(name) as Made;
    made.configuration = { ...made.configuration, ...configuration };
    made.isNew = true;
  };
  const lambda = {
    async createFunction(input: Record<string, unknown>) {
      const name = input["FunctionName"] as string;
      writes.push(`create ${name}`);
      functions.set(name, { input, configuration: { State: "Active", ...input }, isNew: true });
    },
    async updateConfiguration({ FunctionName, ...input }: Record<string, unknown>) {
      writes.push("update");
      set(FunctionName as string, input);
    },
    configuration: async (name: string) => functions.get(name)?.configuration,
    async publishVersion({ FunctionName }: { FunctionName: string }) {
      const Version = String(writes.filter((each) => each === "publish").length + 1);
      writes.push("publish");
      set(FunctionName, {});
      return { Version };
    },
    async deleteVersion(_: string, version: string) {
      writes.push(`delete version ${version}`);
    },
    async deleteFunction(name: string) {
      writes.push(`delete ${name}`);
      functions.delete(name);
    },
    async findFunction(name: string) {
      const found = functions.get(name);
      return found && { configuration: found.configuration, tags: found.input["Tags"] ?? {} };
    },
    async *listFunctions() {
      for (const FunctionName of functions.keys()) yield { FunctionName };
    },
    async invoke(name: string, { qualifier }: { qualifier: string }): Promise<Invocation> {
      const made = functions.get(name) as Made;
      const memory = made.configuration["MemorySize"] as number;
      const call = { name, memory, qualifier, count: calls.length };
      calls.push(call);
      const log = reportOf(made.isNew);
      made.isNew = false;
      return { body: "[]", error: undefined, milliseconds: WARM_MS, log, ...answer(call) };
    },
  } as unknown as Lambda;
  return { lambda, functions, calls, writes };
}

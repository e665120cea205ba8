import type { Argv } from "yargs";
import { UserError } from "../errors.ts";
import type { Image } from "../plan/image.ts";

/** Limits of the sandbox that a command line may set, in place of those of mkimage.json. */
export interface LimitArgs {
  memory?: number;
  timeout?: number;
  tmp?: number;
  network?: boolean;
}

/** What Lambda allows: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const RANGES = {
  memory: { from: 128, to: 10240, unit: "MB" },
  timeout: { from: 1, to: 900, unit: "seconds" },
  tmp: { from: 512, to: 10240, unit: "MB" },
} as const;

export const limitOptions = <T>(yargs: Argv<T>) =>
  yargs
    .option("memory", {
      number: true,
      requiresArg: true,
      description: "Memory of the function in MB, and with it its processor time [default: as configured]",
    })
    .option("timeout", {
      number: true,
      requiresArg: true,
      description:
        "Seconds that an event may take [default: as configured; five times as much when emulated]",
    })
    .option("tmp", {
      number: true,
      requiresArg: true,
      description: "Size of /tmp in MB [default: as configured]",
    })
    .option("network", {
      boolean: true,
      default: false,
      description: "Let the function reach the network; without it nothing can be fetched",
    });

/** @throws UserError (exit 2) for a value that Lambda does not allow */
function inRange(name: keyof typeof RANGES, value: number | undefined): number | undefined {
  const { from, to, unit } = RANGES[name];
  if (value === undefined || (Number.isInteger(value) && value >= from && value <= to)) return value;
  throw new UserError(`--${name} must be a whole number of ${unit} from ${from} to ${to}, not ${value}`, {
    hint: "These are Lambda's own limits.",
  });
}

type Limits = Partial<Pick<Image, "memory" | "timeout" | "ephemeralStorage">>;

/** The limits that a command line sets. @throws UserError (exit 2) for a value that Lambda does not allow */
export function limitsOf(args: LimitArgs): Limits {
  const memory = inRange("memory", args.memory);
  const timeout = inRange("timeout", args.timeout);
  const ephemeralStorage = inRange("tmp", args.tmp);
  return {
    ...(memory !== undefined && { memory }),
    ...(timeout !== undefined && { timeout }),
    ...(ephemeralStorage !== undefined && { ephemeralStorage }),
  };
}

/** The images with the limits of the command line. @throws UserError (exit 2) for a value that Lambda does not allow */
export function withLimits(images: readonly Image[], args: LimitArgs): Image[] {
  const limits = limitsOf(args);
  return images.map((image) => ({ ...image, ...limits }));
}

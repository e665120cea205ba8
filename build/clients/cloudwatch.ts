import * as sdk from "@aws-sdk/client-cloudwatch";
import { awsFault } from "./aws-errors.ts";
import { awsSettings, callSignal } from "./aws-settings.ts";

/** One version of a function behind an alias, since a time. */
export interface MetricsQuery {
  readonly name: string;
  readonly alias: string;
  readonly version: string;
  readonly since: Date;
}

/** What callers have seen of it. */
export interface CallCounts {
  readonly calls: number;
  readonly errors: number;
  /** Mean milliseconds of their answers, without the start of an environment; undefined where there were no calls. */
  readonly meanMs?: number | undefined;
}

/** Lambda gives its metrics to CloudWatch once a minute: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html */
const PERIOD = 60;

/** CloudWatch's metrics with the SDK's default chain of credentials. */
export class CloudWatch {
  readonly #client: sdk.CloudWatchClient;
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#client = new sdk.CloudWatchClient(awsSettings());
    this.#signal = signal;
  }

  /**
   * Calls, errors and durations that callers of an alias had with a version.
   * @throws UserError (exit 3) that says which credential or permission is lacking
   */
  async callCounts({ name, alias, version, since }: MetricsQuery): Promise<CallCounts> {
    const dimensions = { FunctionName: name, Resource: `${name}:${alias}`, ExecutedVersion: version };
    const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
    const query = (MetricName: string) => ({
      Id: MetricName.toLowerCase(),
      MetricStat: {
        Metric: { Namespace: "AWS/Lambda", MetricName, Dimensions },
        Period: PERIOD,
        Stat: "Sum",
      },
    });
    const command = new sdk.GetMetricDataCommand({
      MetricDataQueries: [query("Invocations"), query("Errors"), query("Duration")],
      StartTime: since,
      EndTime: new Date(),
    });
    try {
      const { MetricDataResults = [] } = await this.#client.send(command, {
        abortSignal: callSignal(this.#signal),
      });
      const sum = (id: string) =>
        MetricDataResults.filter(({ Id }) => Id === id)
          .flatMap(({ Values = [] }) => Values)
          .reduce((total, value) => total + value, 0);
      const calls = sum("invocations");
      return { calls, errors: sum("errors"), meanMs: calls > 0 ? sum("duration") / calls : undefined };
    } catch (error) {
      this.#signal.throwIfAborted();
      throw awsFault(error, { action: "cloudwatch:GetMetricData" });
    }
  }
}

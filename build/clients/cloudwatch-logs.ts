import * as sdk from "@aws-sdk/client-cloudwatch-logs";
import { awsFault, isNamed } from "./aws-errors.ts";
import { awsSettings, callSignal } from "./aws-settings.ts";

export interface LogEvent {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly message: string;
  /** `2026/11/26/[7]0a1b…`: the version is in brackets. */
  readonly stream: string;
}

export interface LogQuery {
  readonly group: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** In the syntax of CloudWatch's filter patterns. */
  readonly pattern?: string | undefined;
}

/** CloudWatch Logs with the SDK's default chain of credentials. */
export class CloudWatchLogs {
  readonly #client: sdk.CloudWatchLogsClient;
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#client = new sdk.CloudWatchLogsClient(awsSettings());
    this.#signal = signal;
  }

  /**
   * Events of a group since a time, as CloudWatch gives them, page by page; none of a group that is not there.
   * @throws UserError (exit 3) that says which credential or permission is lacking
   */
  async *events({ group, since, pattern }: LogQuery): AsyncGenerator<LogEvent> {
    let nextToken: string | undefined;
    do {
      const input = { logGroupName: group, startTime: since, filterPattern: pattern, nextToken };
      const page = await this.#page(input);
      for (const { eventId = "", timestamp = 0, message = "", logStreamName = "" } of page.events ?? [])
        yield { id: eventId, time: timestamp, message: message.trimEnd(), stream: logStreamName };
      nextToken = page.nextToken;
    } while (nextToken);
  }

  async #page(input: sdk.FilterLogEventsCommandInput): Promise<sdk.FilterLogEventsCommandOutput> {
    try {
      const command = new sdk.FilterLogEventsCommand(input);
      return await this.#client.send(command, { abortSignal: callSignal(this.#signal) });
    } catch (error) {
      this.#signal.throwIfAborted();
      if (isNamed(error, "ResourceNotFoundException")) return { $metadata: {} };
      throw awsFault(error, { action: "logs:FilterLogEvents" });
    }
  }
}

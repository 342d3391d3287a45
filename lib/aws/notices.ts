/**
 * Notices on an SNS topic, by the contract of lib/ports/notices. The attributes `kind` and `cluster` let a subscriber
 * filter; what cannot be sent is logged.
 */
import { PublishCommand, type SNSClient } from "@aws-sdk/client-sns";
import type { Log } from "../ports/log.ts";
import type { Notice, Notices } from "../ports/notices.ts";
import { attempt, readFailure } from "./failure.ts";
import { NOTICE_SUBJECT_MAX } from "./limits.ts";

/** Subjects of mails are ASCII on one line. */
function subjectOf({ cluster, kind }: Notice): string {
  const subject = `Graphform ${cluster}: ${kind.replaceAll("_", " ")}`;
  return subject.replace(/[^\x20-\x7e]/g, "?").slice(0, NOTICE_SUBJECT_MAX);
}

/** Publishes to the topic `topicArn`. */
export function createSnsNotices(client: SNSClient, topicArn: string, log: Log): Notices {
  return {
    async publish(notice) {
      const command = new PublishCommand({
        TopicArn: topicArn,
        Subject: subjectOf(notice),
        Message: JSON.stringify(notice),
        MessageAttributes: {
          kind: { DataType: "String", StringValue: notice.kind },
          cluster: { DataType: "String", StringValue: notice.cluster },
        },
      });
      const answer = await attempt(() => client.send(command));
      if (answer.tag === "ok") return true;
      const { reason } = readFailure(answer.failure);
      log.warn({ event: "notice.not_sent", kind: notice.kind, cluster: notice.cluster, reason });
      return false;
    },
  };
}

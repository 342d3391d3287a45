/**
 * Notices: two topics, one for what happens to clusters, one for alarms. Encrypted by a key of our own, because alarms
 * cannot publish to a topic under SNS's own key.
 */
import { Aws, RemovalPolicy } from "aws-cdk-lib";
import { ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Construct } from "constructs";
import type { Inputs } from "./inputs.ts";

export class Notices extends Construct {
  readonly key: Key;
  /** Plan ready, approval wanted, applied, failed, drift, blocked; attributes `kind` and `cluster`. */
  readonly notices: Topic;
  readonly alarms: Topic;

  constructor(scope: Construct, { notify, stack_name }: Inputs) {
    super(scope, "Notices");
    this.key = new Key(this, "Key", {
      description: `Topics of ${stack_name}`,
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.notices = new Topic(this, "Clusters", { masterKey: this.key, enforceSSL: true });
    this.alarms = new Topic(this, "Alarms", { masterKey: this.key, enforceSSL: true });
    const alarms = new ServicePrincipal("cloudwatch.amazonaws.com", {
      conditions: { StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID } },
    });
    // The key too: a topic grants what publishing to it takes.
    this.alarms.grantPublish(alarms);
    if (notify === null) return;
    this.notices.addSubscription(new EmailSubscription(notify));
    this.alarms.addSubscription(new EmailSubscription(notify));
  }
}

/**
 * LeaseTable: one item a cluster, and nothing that cannot be lost (design 4.2). Kept as carefully as if it could: a
 * token that went back would make two holders look alike.
 */
import { RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, BillingMode, Table, TableEncryption } from "aws-cdk-lib/aws-dynamodb";
import type { Construct } from "constructs";
import type { Inputs } from "./inputs.ts";

export function leaseTable(scope: Construct, { removal }: Inputs): Table {
  return new Table(scope, "LeaseTable", {
    partitionKey: { name: "cluster", type: AttributeType.STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
    encryption: TableEncryption.AWS_MANAGED,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: removal === "retain",
    removalPolicy: removal === "retain" ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
}

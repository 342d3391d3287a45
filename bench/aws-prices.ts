/**
 * AWS prices: what one unit of each resource costs, on demand, in one region, without free tiers, commitments and taxes.
 * Taken from the pricing pages that are named; prices change, so look again before you rely on one.
 */
export const PRICES_REGION = "us-east-1";
/**
 * When they were last compared, with public copies and reviews of the named pages: time and requests of Lambda, requests of
 * S3, DynamoDB and SQS, traces, alarms, metrics, dashboards and what logs take in. The others are as commonly known.
 */
export const PRICES_DATE = "2026-11-29";

export interface Price {
  readonly service: string;
  readonly usd: number;
  /** Units that `usd` buys. */
  readonly per: number;
  /** The page that says so. */
  readonly source: string;
}

const MILLION = 1_000_000;
const S3 = { service: "s3", source: "aws.amazon.com/s3/pricing" } as const;
const DYNAMODB = { service: "dynamodb", source: "aws.amazon.com/dynamodb/pricing/on-demand" } as const;
const LAMBDA = { service: "lambda", source: "aws.amazon.com/lambda/pricing" } as const;
const SQS = { service: "sqs", source: "aws.amazon.com/sqs/pricing" } as const;
const GATEWAY = { service: "gateway", source: "aws.amazon.com/api-gateway/pricing" } as const;
const CLOUDWATCH = { service: "cloudwatch", source: "aws.amazon.com/cloudwatch/pricing" } as const;
const KMS = { service: "kms", source: "aws.amazon.com/kms/pricing" } as const;

export const PRICES = {
  /** PUT, POST and LIST requests. */
  s3_writes: { ...S3, usd: 0.005, per: 1_000 },
  /** GET and HEAD requests. DELETE requests are free. */
  s3_reads: { ...S3, usd: 0.0004, per: 1_000 },
  s3_gb_months: { ...S3, usd: 0.023, per: 1 },
  /** Write request units: one for each KiB of the item. */
  dynamodb_writes: { ...DYNAMODB, usd: 0.625, per: MILLION },
  /** Read request units: one for each 4 KiB of a consistent read. */
  dynamodb_reads: { ...DYNAMODB, usd: 0.125, per: MILLION },
  dynamodb_gb_months: { ...DYNAMODB, usd: 0.25, per: 1 },
  /** Point-in-time recovery. */
  dynamodb_recovery_gb_months: { ...DYNAMODB, usd: 0.2, per: 1 },
  lambda_requests: { ...LAMBDA, usd: 0.2, per: MILLION },
  /** On arm64, first tier; x86_64 costs 0.0000166667. The start of an environment counts since August 2025. */
  lambda_gb_s: { ...LAMBDA, usd: 0.0000133334, per: 1 },
  sqs_fifo_requests: { ...SQS, usd: 0.5, per: MILLION },
  sqs_requests: { ...SQS, usd: 0.4, per: MILLION },
  /** HTTP API, first tier, each 512 KB of a request. */
  gateway_requests: { ...GATEWAY, usd: 1, per: MILLION },
  /** Answers that leave AWS. */
  gateway_gb_out: { ...GATEWAY, usd: 0.09, per: 1, source: "aws.amazon.com/ec2/pricing/on-demand" },
  sns_requests: { service: "sns", usd: 0.5, per: MILLION, source: "aws.amazon.com/sns/pricing" },
  sns_emails: { service: "sns", usd: 2, per: 100_000, source: "aws.amazon.com/sns/pricing" },
  log_gb: { ...CLOUDWATCH, usd: 0.5, per: 1 },
  log_gb_months: { ...CLOUDWATCH, usd: 0.03, per: 1 },
  /** Metrics that standard alarms look at. */
  alarm_metrics: { ...CLOUDWATCH, usd: 0.1, per: 1 },
  /** Custom and detailed metrics, first tier, for a month with figures in each hour. */
  custom_metrics: { ...CLOUDWATCH, usd: 0.3, per: 1 },
  dashboards: { ...CLOUDWATCH, usd: 3, per: 1 },
  traces: { service: "xray", usd: 5, per: MILLION, source: "aws.amazon.com/xray/pricing" },
  /** Months of a key; each of the first two yearly rotations adds another. */
  keys: { ...KMS, usd: 1, per: 1 },
  key_requests: { ...KMS, usd: 0.03, per: 10_000 },
  schedule_ticks: {
    service: "scheduler",
    usd: 1,
    per: MILLION,
    source: "aws.amazon.com/eventbridge/pricing",
  },
} as const satisfies Readonly<Record<string, Price>>;

export type Resource = keyof typeof PRICES;

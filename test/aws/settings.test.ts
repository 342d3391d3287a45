/** Where the servers are: the standard variables, for the SDK and for Lance, and the addresses of roots. */
import { describe, expect, it } from "vitest";
import { bucketPlace, parseS3Url, s3Url } from "../../lib/aws/bucket-place.ts";
import { awsSettings, createS3Client } from "../../lib/aws/clients.ts";
import { lanceStorageOptions } from "../../lib/aws/lance-options.ts";

describe("the settings of an environment", () => {
  it("are Amazon's own servers unless a variable names others", () => {
    const settings = awsSettings({ AWS_REGION: "eu-west-1" });
    expect(settings).toEqual({
      region: "eu-west-1",
      endpoints: { s3: null, dynamodb: null, sqs: null, sns: null },
      credentials: null,
    });
    expect(lanceStorageOptions(settings)).toEqual({ aws_region: "eu-west-1" });
  });

  it("take one variable for all services and one for each, which wins", () => {
    const settings = awsSettings({
      AWS_ENDPOINT_URL: "http://all:1",
      AWS_ENDPOINT_URL_S3: "http://s3:2",
      AWS_ENDPOINT_URL_SQS: "",
    });
    expect(settings.endpoints).toEqual({
      s3: "http://s3:2",
      dynamodb: "http://all:1",
      sqs: "http://all:1",
      sns: "http://all:1",
    });
    expect(settings.region).toBe("us-east-1");
  });

  it("address an S3 server of one's own by path and without TLS only where its address says so", () => {
    const plain = awsSettings({ AWS_ENDPOINT_URL_S3: "http://minio:9000" });
    expect(lanceStorageOptions(plain)).toEqual({
      aws_region: "us-east-1",
      aws_endpoint_url_s3: "http://minio:9000",
      aws_virtual_hosted_style_request: "false",
      allow_http: "true",
    });
    const secure = awsSettings({ AWS_ENDPOINT_URL_S3: "https://minio:9000" });
    expect(lanceStorageOptions(secure)).not.toHaveProperty("allow_http");
    expect(createS3Client(plain).config.forcePathStyle).toBe(true);
    expect(createS3Client(awsSettings({ AWS_REGION: "eu-west-1" })).config.forcePathStyle).toBe(false);
  });

  it("send every request once", async () => {
    expect(await createS3Client(awsSettings({ AWS_REGION: "eu-west-1" })).config.maxAttempts()).toBe(1);
  });
});

describe("the address of a root", () => {
  it("is read and written the same", () => {
    for (const url of ["s3://bucket", "s3://bucket/clusters/company"]) {
      const place = parseS3Url(url);
      expect(place === null ? null : s3Url(place)).toBe(url);
      expect(parseS3Url(`${url}/`)).toEqual(place);
    }
    expect(bucketPlace("bucket", "/clusters/company/")).toEqual({
      bucket: "bucket",
      prefix: "clusters/company/",
    });
  });

  it("is refused where it names no bucket, or leaves its prefix", () => {
    for (const url of [
      "s3://",
      "s3:///x",
      "s3://UPPER/x",
      "gs://bucket/x",
      "s3://bucket/../x",
      "s3://bucket/a//b",
      "bucket/x",
    ]) {
      expect(parseS3Url(url)).toBeNull();
    }
  });
});

/**
 * What Lance is told about a storage root on S3. Lance has an S3 client of its own, which reads the same variables and
 * profiles as the SDK; only what differs from them is passed.
 */
import type { AwsSettings } from "./clients.ts";

/** The storage options of Lance for these settings. */
export function lanceStorageOptions(settings: AwsSettings): Readonly<Record<string, string>> {
  const { region, credentials } = settings;
  const endpoint = settings.endpoints.s3;
  return {
    ...(region === null ? {} : { aws_region: region }),
    ...(endpoint === null
      ? {}
      : {
          // The name that comes before all others, so that no variable of the process overrules what is passed.
          aws_endpoint_url_s3: endpoint,
          aws_virtual_hosted_style_request: "false",
          ...(endpoint.startsWith("http:") ? { allow_http: "true" } : {}),
        }),
    ...(credentials === null
      ? {}
      : {
          aws_access_key_id: credentials.accessKeyId,
          aws_secret_access_key: credentials.secretAccessKey,
          ...(credentials.sessionToken === undefined ? {} : { aws_session_token: credentials.sessionToken }),
        }),
  };
}

/** What every answer carries, whatever it says: the id of its request, and that nobody keeps it unless it says so. */
export function finishedAnswer(response: Response, request_id: string): Response {
  response.headers.set("x-request-id", request_id);
  if (!response.headers.has("cache-control")) response.headers.set("cache-control", "no-store");
  return response;
}

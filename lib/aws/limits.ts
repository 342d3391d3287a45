/** Limits of the AWS adapters. */

/** Until a connection stands. */
export const CONNECT_MS_MAX = 3_000;
/**
 * From the start of a request to the beginning of its answer, and then without a byte of the rest; whether it took effect
 * is not known then.
 */
export const REQUEST_MS_MAX = 20_000;
/** What an upload is given more, a second for so many bytes: its time counts until the answer, so the way there is in it. */
export const UPLOAD_BYTES_A_SECOND_MIN = 256 * 1024;
/** Open connections of one client, so that a wave of calls goes out together. */
export const SOCKETS_MAX = 64;
/** Keys of one page of a listing. */
export const LIST_KEYS_MAX = 1000;
/** Pages that one listing reads to fill its page: folders that a shallow listing skips may fill pages of the store. */
export const LIST_PAGES_MAX = 1000;
/** How often a change of the lease item is decided again because another client changed the item first. */
export const LEASE_CHANGES_MAX = 8;
/** Seconds that SQS lets one receive wait. */
export const RECEIVE_WAIT_S_MAX = 20;
/** Seconds that SQS lets a message be invisible. */
export const VISIBILITY_S_MAX = 12 * 60 * 60;
/** How long a link for an upload can be used. */
export const UPLOAD_LINK_S = 15 * 60;
/** How long a link to the rows of an export can be used. */
export const EXPORT_LINK_S = 5 * 60;
/** One part of a file that is written in parts; S3 takes no smaller ones but the last. */
export const PART_BYTES = 8 * 1024 * 1024;
/** Parts of one file, as S3 allows. */
export const PARTS_MAX = 10_000;
/** How often one part is sent before the file is given up. */
export const PART_TRIES_MAX = 3;
/** The first wait before a part is sent again; each wait is twice the one before. */
export const PART_RETRY_MS = 500;
/** Characters of the subject of a notice, as SNS allows. */
export const NOTICE_SUBJECT_MAX = 100;

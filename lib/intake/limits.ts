/** Limits of what arrives: config folders as archives (design 11), uploads. What exceeds one is refused and said so. */

/** Entries of one archive, folders included. */
export const ARCHIVE_ENTRIES_MAX = 5_000;
/** Size of one archive as it arrives. */
export const ARCHIVE_PACKED_BYTES_MAX = 8 * 1024 * 1024;
/** Size of all files of one archive together, counted while they are inflated. */
export const ARCHIVE_INFLATED_BYTES_MAX = 64 * 1024 * 1024;
/** How many times its own size an archive may inflate to. */
export const ARCHIVE_RATIO_MAX = 100;
/** Bytes that any archive may inflate to, however small it is. */
export const ARCHIVE_RATIO_FREE_BYTES_MAX = 1024 * 1024;
/** Length of the name of one entry, in bytes. */
export const ARCHIVE_NAME_BYTES_MAX = 1_024;
/** Problems of one archive that are told; the rest is counted. */
export const ARCHIVE_DIAGNOSTICS_MAX = 50;
/** Length of one text in the metadata of an upload. */
export const UPLOAD_METADATA_CHARACTERS_MAX = 256;

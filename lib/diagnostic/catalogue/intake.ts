/** Diagnostic codes of config folders and rows that arrive: archives, kept bundles, uploads. */
import type { CatalogueEntry } from "../catalogue-entry.ts";

const PACK_AGAIN =
  "Pack the config folder again, `cluster.yaml` at the top and plain files only: `cd FOLDER && zip -r ../bundle.zip .`.";

export const INTAKE_CODES = {
  archive_too_large: {
    severity: "error",
    summary: "The archive is too large",
    why: "A config folder is text; what is larger is no config folder, or holds files that do not belong to it.",
    fix: "Leave out what `cluster.yaml` does not name. Rows are loaded, not uploaded with the config.",
  },
  archive_too_many_entries: {
    severity: "error",
    summary: "The archive has too many entries",
    why: "Reading them would take longer than any config folder needs.",
    fix: "Leave out what `cluster.yaml` does not name.",
  },
  archive_unreadable: {
    severity: "error",
    summary: "The archive cannot be read",
    why: "It is no zip, is damaged, or was cut off on its way.",
    fix: PACK_AGAIN,
  },
  archive_entry_path: {
    severity: "error",
    summary: "An entry of the archive has a path that is not taken",
    why: "It could lie outside the folder, or be another file on another system.",
    fix: PACK_AGAIN,
  },
  archive_entry_kind: {
    severity: "error",
    summary: "An entry of the archive is no plain file or folder",
    why: "What a link leads to differs from machine to machine, and may be outside the folder.",
    fix: "Put the file itself into the folder, and pack it again.",
  },
  archive_entry_collision: {
    severity: "error",
    summary: "Two entries of the archive are one file on some systems",
    why: "Which of them is meant would depend on who unpacks it.",
    fix: "Rename one of the files, and pack the folder again.",
  },
  archive_entry_encrypted: {
    severity: "error",
    summary: "An entry of the archive is encrypted",
    why: "Nobody could read it, and a config holds no secret.",
    fix: "Pack the folder without a password.",
  },
  archive_entry_method: {
    severity: "error",
    summary: "An entry of the archive is packed in a way that is not read",
    why: "Only stored and deflated entries are unpacked.",
    fix: PACK_AGAIN,
  },
  archive_entry_secret: {
    severity: "error",
    summary: "The archive holds a file of secrets",
    why: "Whatever is uploaded is kept. The secrets in it should be taken as known from now on.",
    fix: "Leave the file out, and replace the secrets in it. A config names secrets as ${NAME} and holds none.",
  },
  archive_entry_damaged: {
    severity: "error",
    summary: "An entry of the archive is damaged",
    why: "Its bytes are not those that were packed.",
    fix: PACK_AGAIN,
  },
  archive_inflates_too_far: {
    severity: "error",
    summary: "The archive inflates to far more than it should",
    why: "An archive that does may be made to exhaust whoever unpacks it.",
    fix: "Leave out what `cluster.yaml` does not name.",
  },
  archive_without_config: {
    severity: "error",
    summary: "The archive has no cluster.yaml at its top",
    why: "Everything that a config folder declares is declared there.",
    fix: PACK_AGAIN,
  },
  bundle_file_too_large: {
    severity: "error",
    summary: "A file of the config is too large",
    why: "It would not be read from a folder either.",
    fix: "Split the file.",
  },
  bundle_files_left_out: {
    severity: "warning",
    summary: "The archive holds files that the config does not name",
    why: "Only what `cluster.yaml` names is kept; the rest is read by nobody.",
    fix: "Nothing, if that is meant. Otherwise name the files in `cluster.yaml`.",
  },
  storage_root_mismatch: {
    severity: "error",
    summary: "The config names the storage root of another cluster",
    why: "A cluster of a deployment has one root, and only who may change that cluster changes it.",
    fix: "Leave `storage:` out of the config, or upload it to the cluster that it names.",
  },
  bundle_not_found: {
    severity: "error",
    summary: "The config folder is not kept",
    why: "It was never uploaded to this cluster.",
    fix: "Upload it first.",
  },
  bundle_damaged: {
    severity: "error",
    summary: "A kept config folder is not what it was kept as",
    why: "Its files no longer have the digest that names it, so nothing is done with it.",
    fix: "Upload the config folder again from where it came from, and find out who can write below `__graphform/bundles`.",
  },
  bundle_read_error: {
    severity: "error",
    summary: "A kept config folder could not be fetched",
    why: "The store did not answer, which says nothing about the folder.",
    fix: "Check that the storage root can be read, and try again.",
  },
  bundle_write_error: {
    severity: "error",
    summary: "A config folder could not be kept",
    why: "What is not kept cannot be planned or applied.",
    fix: "Check that the storage root can be written, and try again.",
  },
} as const satisfies Record<string, CatalogueEntry>;

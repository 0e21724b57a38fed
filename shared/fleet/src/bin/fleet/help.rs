//! The texts of `--help`.

pub(crate) const OVERVIEW: &str = "\
usage: cargo fleet import MANIFEST [OPTION…]      put a vendor's devices on the allow-list
       cargo fleet history SERIAL [--json]        what happened to a device, and where it stands
       cargo fleet verify SUBJECT… | --all        whether the audit's chains are whole
       cargo fleet claim ACTION CERTIFICATE_ID    who may introduce devices: add, suspend, resume, show
       cargo fleet decide SERIAL DECISION --by NAME   keep, replace, block, quarantine or release

Each command has its own --help with examples. All of them take
  --allow-list-table NAME    or ALLOW_LIST_TABLE
  --introducers-table NAME   or INTRODUCERS_TABLE
  --audit-table NAME         or ENROLMENT_AUDIT_TABLE
Region, credentials and endpoint are found as the AWS SDK finds them (AWS_REGION, AWS_PROFILE, AWS_ENDPOINT_URL, …).

exit status: 0 done; 1 not done, or not all of it (a conflict, a failure of AWS, Ctrl-C); 2 a chain is broken;
             3 bad input (the command line, or a manifest with problems: nothing was written)
";

pub(crate) const IMPORT: &str = "\
usage: cargo fleet import MANIFEST [--batch ID] [--dry-run] [--rate N] [--by NAME] [--json]

Puts the devices of MANIFEST on the allow-list, each with a record in its audit chain. The whole manifest is checked first;
with a problem in it nothing is written. A device that is on the list already is left as it is: one with other values is a
conflict, told at the end. An import that was broken off is run again, and goes on.

MANIFEST is CSV with a header, a JSON array of objects, or JSON lines:
  serial_number    [a-zA-Z0-9_]{1,32}
  property_id      [a-zA-Z0-9:_-]{1,128}
  device_type      environmental, camera or lock
  batch            [a-zA-Z0-9_-]{1,64}; may be left out with --batch
  voucher_secret   32 to 64 random bytes as base64url or hexadecimal digits; optional

  --batch ID     the batch of the devices that name none; one that names another is a problem
  --dry-run      reads, says what an import would do, and writes nothing
  --rate N       devices in a second, 1 to 500 (default 50)
  --by NAME      who imports, for the records (default: USER)
  --json         the summary as JSON

example: cargo fleet import acme-2026-11.csv --batch 2026-11 --dry-run

Needs dynamodb:BatchGetItem on allow-list and audit; without --dry-run also dynamodb:PutItem on both, and dynamodb:Query and
dynamodb:GetItem on the audit.
exit status: 0 all devices are on the list; 1 conflicts, failures or Ctrl-C; 3 bad input
";

pub(crate) const HISTORY: &str = "\
usage: cargo fleet history SERIAL [--json]

Checks the chain of a device and prints what it tells, then where the device stands. In JSON the records are as they are
stored: times are milliseconds since 1970.

example: cargo fleet history 0042

Needs dynamodb:BatchGetItem on allow-list and audit, dynamodb:Query and dynamodb:GetItem on the audit.
exit status: 0 printed; 1 unknown, or AWS failed; 2 the chain is broken; 3 bad input
";

pub(crate) const VERIFY: &str = "\
usage: cargo fleet verify SUBJECT… [--rate N] [--json]
       cargo fleet verify --all [--rate N] [--json]

Checks chains of the audit. A subject is a serial number, claim#<certificate id> or ca#<certificate id>. A chain is also
broken when it has fewer records than its device was written.

  --all      every chain of the audit, and one for every device of the allow-list
  --rate N   calls in a second, 1 to 500 (default 50)
  --json     the result as JSON

examples: cargo fleet verify 0042 0043
          cargo fleet verify --all --rate 200

Needs dynamodb:Query and dynamodb:GetItem on the audit; for serial numbers dynamodb:BatchGetItem on allow-list and audit;
for --all dynamodb:Scan on both. No function may scan them: give it to those who verify.
exit status: 0 all are whole; 1 not all could be read; 2 at least one is broken; 3 bad input
";

pub(crate) const CLAIM: &str = "\
usage: cargo fleet claim add CERTIFICATE_ID --batch ID --expires TIME --quota N [OPTION…]
       cargo fleet claim suspend CERTIFICATE_ID [--ca]
       cargo fleet claim resume CERTIFICATE_ID [--ca]
       cargo fleet claim show CERTIFICATE_ID [--ca] [--json]

Introducers: claim certificates, and with --ca the CAs of just-in-time registration. CERTIFICATE_ID may be an ARN.
`suspend` is the kill switch: no device is introduced any more. Enrolled ones work on.

add refuses to overwrite. Its policy:
  --batch ID               the batch that it introduces, and no other
  --expires TIME           2027-12-31, or 2027-12-31T12:00:00Z
  --quota N                leases in all: the size of the batch, and some
  --per-minute N           leases in a minute (default 60)
  --lease SECONDS          how long a device has to come back with its certificate, 60 to 86400 (default 900)
  --reprovisioning WHAT    of an enrolled device that comes again with a voucher: refuse (default), replace, until=TIME
  --no-voucher             devices need no voucher: who has the claim certificate can take any free serial number of the batch
  --factory-key FILE       the public key (PEM, P-256) that signed the vouchers; without it each device has a secret

example: cargo fleet claim add 5c82…88b7 --batch 2026-11 --expires 2027-12-31 --quota 1050

Needs on the introducers dynamodb:PutItem for add, dynamodb:UpdateItem for suspend and resume; for show dynamodb:BatchGetItem
on introducers and audit.
exit status: 0 done; 1 unknown, or there already, or AWS failed; 3 bad input
";

pub(crate) const DECIDE: &str = "\
usage: cargo fleet decide SERIAL DECISION --by NAME

  keep         the enrolled device stays, and the second key is refused from now on
  replace      the second key is let in when it comes again; the enrolled certificate ends once the new one is in use
  block        shuts both out for good; certificates are taken out of use by the next sweep
  quarantine   nobody gets a certificate for it until it is released; the enrolled device works on
  release      ends the quarantine

The function enrolment-confirmer does the same when it is invoked with a command; this writes the tables itself.

example: cargo fleet decide 0042 keep --by ada

Needs dynamodb:BatchGetItem and dynamodb:PutItem on allow-list and audit.
exit status: 0 done; 1 unknown, or it does not fit the state, or AWS failed; 3 bad input
";

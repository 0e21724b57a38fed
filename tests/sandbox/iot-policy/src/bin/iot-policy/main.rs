//! `iot-policy`: ask AWS IoT Core policies questions, and find their traps, from the command line.

mod failure;
mod lint;
mod simulate;
mod template;

use std::io::Write;
use std::process::ExitCode;

use failure::Failure;

const HELP: &str = "\
usage: iot-policy simulate --policy FILE… --action ACTION --resource RESOURCE [OPTION…]
       iot-policy lint [FILE…] [--template TEMPLATE]…

simulate prints ALLOWED, EXPLICIT_DENY or IMPLICIT_DENY on the first line, then the reason.
  --policy FILE              a policy document; repeat for all policies of the principal
  --action ACTION            for example iot:Publish
  --resource RESOURCE        topic/a/b, topicfilter/a/#, client/c1, thing/t1, a whole ARN, or *
  --client-id ID             the client id of the connection
  --thing-name NAME          a thing the principal is attached to; it counts when the client id is its name
  --exclusive                the thing is attached exclusively: it counts whatever the client id
  --thing-type NAME          the thing's type
  --attribute NAME=VALUE     an attribute of the thing; repeatable
  --no-thing-variables       HTTP, or a custom authorizer without certificate
  --certificate-id ID        the client certificate's id
  --serial-number NUMBER     the certificate's serial number
  --subject NAME=VALUE       a subject attribute, for example CommonName=t1; repeatable, also for several values
  --issuer NAME=VALUE        an issuer attribute
  --subject-alternative NAME=VALUE   for example DNSName=example.com
  --issuer-alternative NAME=VALUE
  --source-ip ADDRESS        the client's address
  --domain-name NAME         the name it connected to
  --connect-attribute NAME   PersistentConnect or LastWill; repeatable
  --last-will-topic TOPIC    the will's topic
  --region, --account, --partition   of the resource; eu-west-1, 123456789012 and aws if not given

lint prints a line of statement, code and finding, and a line of advice, for each finding.
  --template TEMPLATE        the AWS::IoT::Policy resources of a CloudFormation or SAM template in YAML

exit status: 0 answered, or nothing found; 1 lint found something; 2 bad input
";

fn main() -> ExitCode {
    let mut output = String::new();
    let status = run(lexopt::Parser::from_env(), &mut output);
    // Whoever closed the pipe does not want the rest.
    let _ = std::io::stdout().lock().write_all(output.as_bytes());
    match status {
        Ok(status) => status,
        Err(failure) => {
            let _ = writeln!(std::io::stderr().lock(), "error: {failure}");
            ExitCode::from(2)
        }
    }
}

fn run(mut arguments: lexopt::Parser, output: &mut String) -> Result<ExitCode, Failure> {
    use lexopt::prelude::*;
    match arguments.next()? {
        Some(Value(command)) if command == "simulate" => simulate::run(arguments, output),
        Some(Value(command)) if command == "lint" => lint::run(arguments, output),
        Some(Short('h') | Long("help")) => {
            output.push_str(HELP);
            Ok(ExitCode::SUCCESS)
        }
        Some(other) => Err(other.unexpected().into()),
        None => Err(Failure::Usage(
            "no command; try `iot-policy --help`".to_owned(),
        )),
    }
}

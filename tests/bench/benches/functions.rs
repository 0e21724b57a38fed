//! `cargo bench -p bench`: see the package's README.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line program: figures go to standard output, progress and errors to standard error"
)]

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use bench::{
    aws_stub::AwsStub,
    binaries,
    cases::{CASES, Case, heaviest},
    machine,
    measure::{BLOCK, Starts, Warm, warmed_up},
    options::{Options, USAGE},
    process, python,
    report::{self, Figures},
    subject::{Broken, Lab, Subject},
    tls::Tls,
};

const FUNCTIONS: [&str; 2] = ["high-temp-processor", "security-alert-processor"];

fn main() -> ExitCode {
    let options = match Options::read(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(wrong) => {
            eprintln!("{wrong}\n{USAGE}");
            return ExitCode::FAILURE;
        }
    };
    if !options.measures {
        println!("Nothing measured: run it with cargo bench -p bench.");
        return ExitCode::SUCCESS;
    }
    if !cfg!(target_os = "linux") {
        eprintln!(
            "The benchmark runs on Linux only: it reads CPU time, memory and sockets from /proc."
        );
        return ExitCode::FAILURE;
    }
    match run(&options) {
        Ok(faults) if faults.is_empty() => ExitCode::SUCCESS,
        Ok(faults) => {
            for fault in faults {
                eprintln!("FAULT: {fault}");
            }
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("The benchmark does not work: {error}");
            let mut source = error.source();
            while let Some(error) = source {
                eprintln!("  because: {error}");
                source = error.source();
            }
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<Vec<String>, Box<dyn Error>> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = package
        .ancestors()
        .nth(2)
        .ok_or("tests/bench is not in a workspace")?;
    let logs = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    fs::create_dir_all(&logs)?;
    let tls = AwsStub::start(Some(Tls::new(&logs)?))?;
    let plain = AwsStub::start(None)?;
    let [lab, lab_tls] = [plain, tls].map(|stub| Lab {
        stub,
        logs: logs.clone(),
    });
    let paths = match &options.binaries {
        Some(folder) => binaries::find(folder, &FUNCTIONS)?,
        None => {
            eprintln!("Building the release binaries (the first time takes some minutes) …");
            binaries::build(workspace, &FUNCTIONS)?
        }
    };
    let mut subjects = Vec::new();
    for (function, program) in FUNCTIONS.into_iter().zip(paths) {
        let size = fs::metadata(&program)?.len();
        subjects.push(Subject {
            function,
            language: "Rust",
            program,
            arguments: Vec::new(),
            size: Some(size),
        });
    }
    println!("{}", machine::description());
    match python::subject(package) {
        Ok((subject, versions)) => {
            println!("{versions}");
            // Beside the one that it is compared with.
            subjects.insert(1, subject);
        }
        Err(why) => println!("No Python column: {why}. The README says how to get one."),
    }
    println!("Load average before: {}", machine::load_average());
    let figures = measure(subjects, options, &lab, &lab_tls)?;
    println!("Load average after: {}", machine::load_average());
    println!(
        "{} starts of each function, {} invocations of each event\n\n{}\n{}",
        options.spawns,
        options.blocks.saturating_mul(BLOCK),
        report::figures(&figures),
        report::calls(&figures)
    );
    Ok(report::faults(&figures))
}

fn measure(
    subjects: Vec<Subject>,
    options: &Options,
    lab: &Lab,
    lab_tls: &Lab,
) -> Result<Vec<Figures>, Broken> {
    let mut figures: Vec<Figures> = subjects.into_iter().map(empty).collect();
    eprintln!(
        "Starting each function {} times, and as often with TLS …",
        options.spawns
    );
    for _ in 0..options.spawns {
        for one in &mut figures {
            if let Some(first) = heaviest(one.subject.function) {
                one.starts.sample(&one.subject, first, lab)?;
                one.starts_tls.sample(&one.subject, first, lab_tls)?;
            }
        }
    }
    eprintln!("Sending events to warm functions …");
    let mut processes = Vec::new();
    for one in &figures {
        let cases: Vec<&Case> = one.warm.iter().map(|(case, _)| *case).collect();
        processes.push(warmed_up(&one.subject, &cases, lab)?);
    }
    for block in 1..=options.blocks {
        for (one, process) in figures.iter_mut().zip(&mut processes) {
            for (case, warm) in &mut one.warm {
                warm.sample(process, case, lab)?;
            }
        }
        if block % 4 == 0 {
            eprintln!("  block {block} of {}", options.blocks);
        }
    }
    for (one, process) in figures.iter_mut().zip(&processes) {
        one.memory = process.ask(process::peak_memory)?;
    }
    Ok(figures)
}

fn empty(subject: Subject) -> Figures {
    let cases = CASES
        .iter()
        .filter(|case| case.function == subject.function);
    Figures {
        warm: cases.map(|case| (case, Warm::default())).collect(),
        starts: Starts::default(),
        starts_tls: Starts::default(),
        memory: 0,
        subject,
    }
}

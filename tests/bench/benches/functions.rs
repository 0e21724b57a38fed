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
    sync::Arc,
};

use bench::{
    authorizer::{self, ALONE},
    aws_stub::AwsStub,
    binaries, cases,
    installed::Missing,
    issuer::Issuer,
    machine,
    measure::{BLOCK, Starts, Warm, warmed_up},
    node,
    options::{Options, USAGE},
    process, python,
    report::{self, Figures},
    subject::{Broken, Lab, Subject},
    tls::Tls,
};

/// The functions, each with its package.
const FUNCTIONS: [(&str, &str); 4] = [
    ("high-temp-processor", "high-temp-processor"),
    ("security-alert-processor", "security-alert-processor"),
    (authorizer::FUNCTION, authorizer::FUNCTION),
    (ALONE, "bench-authorizer"),
];

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
    let logs = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    fs::create_dir_all(&logs)?;
    let issuer = Arc::new(Issuer::new()?);
    let lab = |stub| Lab {
        stub,
        issuer: Arc::clone(&issuer),
        logs: logs.clone(),
    };
    let plain = lab(AwsStub::start(None)?);
    let tls = lab(AwsStub::start(Some(Tls::new(&logs)?))?);
    println!("{}", machine::description());
    let subjects = subjects(options, package)?;
    println!("Load average before: {}", machine::load_average());
    let figures = measure(subjects, options, &plain, &tls)?;
    println!("Load average after: {}", machine::load_average());
    println!(
        "{} starts of each function, {} invocations of each event",
        options.spawns,
        options.blocks.saturating_mul(BLOCK),
    );
    let mut faults = Vec::new();
    for same in figures.chunk_by(|a, b| a.subject.function == b.subject.function) {
        let function = same.first().map_or("", |first| first.subject.function);
        println!("\n{function}\n\n{}", report::figures(same));
        if let Some(calls) = report::calls(same) {
            println!("{calls}");
        }
        faults.extend(report::faults(same));
    }
    Ok(faults)
}

/// Each function, and beside it what it is compared with.
fn subjects(options: &Options, package: &Path) -> Result<Vec<Subject>, Box<dyn Error>> {
    let mut functions = FUNCTIONS.to_vec();
    functions.retain(|(function, _)| function.contains(&options.only));
    let workspace = package
        .ancestors()
        .nth(2)
        .ok_or("tests/bench is not in a workspace")?;
    let programs = match &options.binaries {
        Some(folder) => binaries::find(folder, &functions)?,
        None => {
            eprintln!("Building the release binaries (the first time takes some minutes) …");
            binaries::build(workspace, &functions)?
        }
    };
    let mut others = Vec::new();
    for (language, handlers) in [
        ("Node", node::handlers(package, Missing::Install)),
        ("Python", python::handlers(package, Missing::Install)),
    ] {
        match handlers {
            Ok((handlers, versions)) => {
                println!("{versions}");
                others.extend(handlers);
            }
            Err(why) => println!("{language} is SKIPPED: {why}"),
        }
    }
    let mut subjects = Vec::new();
    for ((function, _), program) in functions.into_iter().zip(programs) {
        let size = fs::metadata(&program)?.len();
        subjects.push(Subject {
            function,
            language: "Rust",
            program,
            arguments: Vec::new(),
            // That one is not deployed.
            size: (function != ALONE).then_some(size),
        });
        let same = others.iter().filter(|other| other.function == function);
        subjects.extend(same.cloned());
    }
    Ok(subjects)
}

fn measure(
    subjects: Vec<Subject>,
    options: &Options,
    lab: &Lab,
    lab_tls: &Lab,
) -> Result<Vec<Figures>, Box<dyn Error>> {
    let empty = |subject: Subject| {
        let cases = cases::of(subject.function, &lab.issuer)?;
        Ok::<_, Box<dyn Error>>(Figures {
            warm: cases
                .into_iter()
                .map(|case| (case, Warm::default()))
                .collect(),
            starts: Starts::default(),
            starts_tls: Starts::default(),
            memory: 0,
            subject,
        })
    };
    let mut figures = subjects
        .into_iter()
        .map(empty)
        .collect::<Result<Vec<_>, _>>()?;
    eprintln!(
        "Starting each function {} times, and as often with TLS …",
        options.spawns
    );
    for _ in 0..options.spawns {
        for one in &mut figures {
            let Some((first, _)) = one.warm.first() else {
                continue;
            };
            one.starts.sample(&one.subject, first, lab)?;
            // That one calls nobody.
            if one.subject.function != ALONE {
                one.starts_tls.sample(&one.subject, first, lab_tls)?;
            }
        }
    }
    eprintln!("Sending events to warm functions …");
    warm(&mut figures, options, lab)?;
    Ok(figures)
}

fn warm(figures: &mut [Figures], options: &Options, lab: &Lab) -> Result<(), Broken> {
    let mut processes = Vec::new();
    for one in figures.iter() {
        let cases = one.warm.iter().map(|(case, _)| case);
        processes.push(warmed_up(&one.subject, cases, lab)?);
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
    Ok(())
}

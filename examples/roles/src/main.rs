//! The roles of an election in one program, each with its own memory. The steps are in `README.md`, which is its help.

#[macro_use]
#[path = "../../tool.rs"]
mod tool;

mod ballot_box;
mod desk;
mod issuer;
mod office;
mod sealed;
mod trustee;
mod voter;

fn main() -> std::process::ExitCode {
    tool::run("Error:", || {
        let desk = desk::Desk::of_command_line()?;
        match desk.role.as_str() {
            "office" | "auditor" => office::run(&desk),
            "ceremony" => trustee::ceremony(&desk),
            "trustee" => trustee::run(&desk),
            "issuer" => issuer::run(&desk),
            "box" => ballot_box::run(&desk),
            "voter" => voter::run(&desk),
            _ => desk.unknown(),
        }
    })
}

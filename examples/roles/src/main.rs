//! The roles of an election in one program, each with its own memory. The steps are in `README.md`, which is its help.

#[macro_use]
#[path = "../../tool.rs"]
mod tool;

mod ballot_box;
mod desk;
mod issuer;
mod office;
mod post;
mod sealed;
mod trustee;
mod voter;

fn main() -> std::process::ExitCode {
    tool::run("Error:", || {
        let desk = desk::Desk::of_command_line()?;
        let run = match desk.role {
            "office" | "auditor" => return office::run(&desk), // which have no memory
            "ceremony" => trustee::ceremony,
            "trustee" => trustee::run,
            "issuer" => issuer::run,
            "box" => ballot_box::run,
            "voter" => voter::run,
            _ => return desk.unknown(),
        };
        let _alone = tool::lock(&desk.own)?;
        run(&desk)
    })
}
